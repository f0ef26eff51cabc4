import { API_VERSION, DISPLAY_NAME_ANNOTATION, type ObjectReference, PUBLIC_NAMESPACE } from '@wegent/api';
import { type AgentDocument, type AgentKind, keyOfPlace, referenceTo } from './agent-document.ts';
import { type AgentDraft, inOrder } from './agent-draft.ts';
import { type Catalog, documentsOfKind } from './catalog.ts';
import { mismatchOf } from './compatibility.ts';
import { freeName } from './names.ts';

/** What an agent can begin as. */
export const TEMPLATE_IDS = ['chat', 'coder', 'pipeline', 'leader'] as const;
/** One of {@link TEMPLATE_IDS}. */
export type TemplateId = (typeof TEMPLATE_IDS)[number];

/** The words of a template in the reader's language. Members are named by their ids in the template. */
export interface TemplateWords {
  title: string;
  description: string;
  quickPrompts: readonly string[];
  members: Readonly<Record<string, { title: string; prompt: string }>>;
}

interface Template {
  slug: string;
  icon: string;
  mode: string;
  bindMode: readonly string[];
  shell: 'Chat' | 'ClaudeCode';
  members: readonly { id: string; role?: 'leader' | 'member'; requireConfirmation?: boolean }[];
}

/** How the agents of the templates are built. */
export const TEMPLATES: Readonly<Record<TemplateId, Template>> = {
  chat: {
    slug: 'helper',
    icon: '💬',
    mode: 'solo',
    bindMode: ['chat'],
    shell: 'Chat',
    members: [{ id: 'helper', role: 'leader' }],
  },
  coder: {
    slug: 'coder',
    icon: '🛠️',
    mode: 'solo',
    bindMode: ['code', 'chat'],
    shell: 'ClaudeCode',
    members: [{ id: 'coder', role: 'leader' }],
  },
  pipeline: {
    slug: 'write-and-check',
    icon: '📝',
    mode: 'pipeline',
    bindMode: ['chat'],
    shell: 'Chat',
    members: [{ id: 'writer', requireConfirmation: true }, { id: 'checker' }],
  },
  leader: {
    slug: 'panel',
    icon: '🧭',
    mode: 'coordinate',
    bindMode: ['chat'],
    shell: 'Chat',
    members: [
      { id: 'lead', role: 'leader' },
      { id: 'researcher', role: 'member' },
      { id: 'critic', role: 'member' },
    ],
  },
};

/** A new agent from a template, with names that nobody has and a Model that its Shell takes. */
export function draftOfTemplate(
  id: TemplateId,
  { words, namespace, catalog }: { words: TemplateWords; namespace: string; catalog: Catalog },
): AgentDraft {
  const template = TEMPLATES[id];
  const single = template.members.length === 1;
  const partName = (slug: string, member: string) => (single ? slug : `${slug}-${member}`);
  const slug = freeName(template.slug, (candidate) =>
    template.members
      .flatMap((member) => [
        ['Team', candidate] as const,
        ['Bot', partName(candidate, member.id)] as const,
        ['Ghost', partName(candidate, member.id)] as const,
      ])
      .some(([kind, name]) => catalog.objects.has(keyOfPlace({ kind, namespace, name }))),
  );
  const document = (
    kind: AgentKind,
    name: string,
    title: string | undefined,
    spec: AgentDocument['spec'],
  ) => ({
    apiVersion: API_VERSION,
    kind,
    metadata: {
      name,
      namespace,
      ...(title === undefined ? {} : { annotations: { [DISPLAY_NAME_ANNOTATION]: title } }),
    },
    spec,
  });
  const team = document('Team', slug, words.title, {
    description: words.description,
    icon: template.icon,
    collaborationModel: template.mode,
    bind_mode: [...template.bindMode],
    quickPrompts: [...words.quickPrompts],
    members: template.members.map(({ id: member, ...rest }) => ({
      name: member,
      botRef: { name: partName(slug, member) },
      ...rest,
    })),
  });
  const parts = template.members.flatMap(({ id: member }) => {
    const { title, prompt } = words.members[member] ?? { title: member, prompt: '' };
    const name = partName(slug, member);
    return newBot({ name, namespace, title, prompt, shell: template.shell, catalog });
  });
  return inOrder([team, ...parts]);
}

/** A new Bot with its Ghost, both of one name. */
export function newBot({
  name,
  namespace,
  title,
  prompt,
  shell,
  catalog,
}: {
  name: string;
  namespace: string;
  title: string;
  prompt: string;
  shell: string;
  catalog: Catalog;
}): AgentDocument[] {
  const metadata = { name, namespace, annotations: { [DISPLAY_NAME_ANNOTATION]: title } };
  const modelRef = modelFor(shell, { namespace, catalog });
  return [
    {
      apiVersion: API_VERSION,
      kind: 'Bot',
      metadata,
      spec: { ghostRef: { name }, shellRef: { name: shell }, ...(modelRef ? { modelRef } : {}) },
    },
    { apiVersion: API_VERSION, kind: 'Ghost', metadata: { name, namespace }, spec: { systemPrompt: prompt } },
  ];
}

/** The Model that a new Bot on a Shell begins with: one of the person's own, else a shared one. */
function modelFor(
  shellName: string,
  { namespace, catalog }: { namespace: string; catalog: Catalog },
): ObjectReference | undefined {
  const scope = { draft: { documents: [] }, catalog };
  const shell = documentsOfKind(scope, 'Shell').find(({ metadata }) => metadata.name === shellName);
  const fitting = documentsOfKind(scope, 'Model').filter(
    (model) =>
      (model.spec.modelType ?? 'llm') === 'llm' &&
      model.spec.isCustomConfig !== true &&
      (!shell || !mismatchOf(shell, model)),
  );
  const chosen =
    fitting.find(({ metadata }) => metadata.namespace === namespace) ??
    fitting.find(({ metadata }) => metadata.namespace === PUBLIC_NAMESPACE);
  return chosen && referenceTo(chosen.metadata, namespace);
}
