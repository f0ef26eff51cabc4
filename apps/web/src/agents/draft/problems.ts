import {
  ApiError,
  collectSecrets,
  type ExecutorSummary,
  kindByName,
  MASK,
  ObjectName,
  type Status,
} from '@wegent/api';
import { validateObject } from '@wegent/kube';
import { type AgentDocument, keyOf, titleOf } from './agent-document.ts';
import { membersOf, teamOf } from './agent-draft.ts';
import { documentsOfKind, referencesOf, resolveIn, type Scope } from './catalog.ts';
import { mismatchOf, PROVIDER_NAMES } from './compatibility.ts';
import { botOfMember, nameOfMember } from './edit-members.ts';
import { modelProblems } from './model-problems.ts';

/** Something about a draft that people have to know. Errors keep it from being saved. */
export interface Problem {
  severity: 'error' | 'warning';
  /** The document, and the field in it. */
  key: string;
  field: string;
  /** The words of it are `problems.<code>`; `text` is the server's or the schema's own sentence. */
  code:
    | 'required'
    | 'badName'
    | 'nameTaken'
    | 'noMembers'
    | 'twoLeaders'
    | 'twiceMember'
    | 'missing'
    | 'mismatch'
    | 'noModel'
    | 'needsMembers'
    | 'noLeader'
    | 'engineMissing'
    | 'noSandbox'
    | 'secretLost'
    | 'badInputs'
    | 'text';
  values: Record<string, string>;
}

/** What is known besides the draft. `isNew`: the Team must not take the place of another. */
export interface ProblemContext extends Scope {
  isNew: boolean;
  executors: ExecutorSummary | undefined;
}

const ENGINES: Record<string, { name: string; title: string }> = {
  ClaudeCode: { name: 'claude-code', title: 'Claude Code' },
  Agno: { name: 'agno', title: 'Agno' },
};

/** Everything that is wrong with a draft or may surprise, as far as it can be known without the server. */
export function problemsOf(context: ProblemContext): Problem[] {
  const { draft } = context;
  return withoutEchoes([
    ...draft.documents.flatMap(schemaProblems),
    ...draft.documents.flatMap((document) => referenceProblems(context, document)),
    ...draft.documents.flatMap((document) => secretProblems(context, document)),
    ...draft.documents.flatMap(modelProblems),
    ...teamProblems(context),
    ...documentsOfKind(context, 'Bot')
      .filter((bot) => draft.documents.includes(bot))
      .flatMap((bot) => botProblems(context, bot)),
  ]);
}

/** Leaves out what a schema or the server says about a field that a problem with words of ours is about already. */
export function withoutEchoes(problems: readonly Problem[]): Problem[] {
  const worded = new Set(
    problems
      .filter(({ code, severity }) => code !== 'text' && severity === 'error')
      .map(({ key, field }) => `${key} ${field}`),
  );
  const said = new Set<string>();
  return problems.filter(({ key, field, code, values }) => {
    const place = `${key} ${field}`;
    if (code === 'text' && worded.has(place)) return false;
    const sentence = `${place} ${code} ${values.text ?? ''}`;
    if (said.has(sentence)) return false;
    said.add(sentence);
    return true;
  });
}

/** What the server said about one document, at its fields. */
export function serverProblems(key: string, status: Status): Problem[] {
  const causes = status.details?.causes ?? [];
  const problem = (field: string, text: string): Problem => ({
    severity: 'error',
    key,
    field,
    code: 'text',
    values: { text },
  });
  if (causes.length === 0) return [problem('', status.message ?? status.reason ?? '')];
  return causes.map(({ field, message }) => problem(field ?? '', message));
}

/** Those about a document and a field or what is below it; without a field, all of the document. */
export function problemsAt(problems: readonly Problem[], key: string, field = ''): Problem[] {
  return problems.filter(
    (problem) =>
      problem.key === key &&
      (field === '' ||
        problem.field === field ||
        problem.field.startsWith(`${field}.`) ||
        problem.field.startsWith(`${field}[`)),
  );
}

function schemaProblems(document: AgentDocument): Problem[] {
  const key = keyOf(document);
  const { name } = document.metadata;
  if (!ObjectName.safeParse(name).success) {
    return [
      {
        severity: 'error',
        key,
        field: 'metadata.name',
        code: name === '' ? 'required' : 'badName',
        values: {},
      },
    ];
  }
  const definition = kindByName(document.kind);
  if (!definition) return [];
  try {
    const { warnings } = validateObject(definition, document, { fieldValidation: 'Warn' });
    return warnings.map((text) => ({
      severity: 'warning',
      key,
      field: /"(.+)"/.exec(text)?.[1] ?? '',
      code: 'text',
      values: { text },
    }));
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    // Members have words of their own, see teamProblems.
    return serverProblems(key, error.toStatus()).filter(({ field }) => field !== 'spec.members');
  }
}

function referenceProblems(scope: Scope, document: AgentDocument): Problem[] {
  const home = document.metadata.namespace;
  return referencesOf(document).flatMap(({ field, kind, reference }): Problem[] => {
    if (resolveIn(scope, kind, reference, home)) return [];
    const existing = documentsOfKind(scope, kind)
      .slice(0, 10)
      .map(({ metadata }) => metadata.name)
      .join(', ');
    const values = { kind, name: reference.name, existing: existing === '' ? '–' : existing };
    return [{ severity: 'error', key: keyOf(document), field, code: 'missing', values }];
  });
}

// The mask keeps what is stored; in a copy, or in something that was imported, nothing is.
function secretProblems({ catalog }: Scope, document: AgentDocument): Problem[] {
  const key = keyOf(document);
  const patterns = kindByName(document.kind)?.secrets ?? [];
  const stored = catalog.objects.get(key);
  const kept = stored ? collectSecrets(stored, patterns) : new Map<string, string>();
  return [...collectSecrets(document, patterns)]
    .filter(([field, secret]) => secret === MASK && !kept.has(field))
    .map(([field]) => ({ severity: 'error', key, field, code: 'secretLost', values: {} }));
}

function teamProblems(context: ProblemContext): Problem[] {
  const team = teamOf(context.draft);
  if (!team) return [];
  const key = keyOf(team);
  const members = membersOf(context.draft);
  const problem = (
    severity: Problem['severity'],
    code: Problem['code'],
    field: string,
    values: Problem['values'] = {},
  ): Problem => ({ severity, key, field, code, values });
  const found: Problem[] = [];
  if (context.isNew && context.catalog.objects.has(key)) {
    found.push(problem('error', 'nameTaken', 'metadata.name', { name: team.metadata.name }));
  }
  if (members.length === 0) found.push(problem('error', 'noMembers', 'spec.members'));
  const leaders = members.filter(({ role }) => role === 'leader').length;
  if (leaders > 1) found.push(problem('error', 'twoLeaders', 'spec.members', { count: String(leaders) }));
  const mode = String(team.spec.collaborationModel ?? 'solo');
  if (mode !== 'solo' && members.length === 1) found.push(problem('warning', 'needsMembers', 'spec.members'));
  if (mode !== 'solo' && mode !== 'pipeline' && members.length > 1 && leaders === 0) {
    found.push(
      problem('warning', 'noLeader', 'spec.members', { name: nameOfMember(context, members[0] ?? {}) }),
    );
  }
  for (const [index, member] of members.entries()) {
    const name = memberKey(context, member);
    const first = members.findIndex((other) => memberKey(context, other) === name);
    if (name !== '' && first < index) {
      const values = { name: nameOfMember(context, member) };
      found.push(problem('error', 'twiceMember', `spec.members[${index}].name`, values));
    }
  }
  return found;
}

// By the name that other members and the leader know it by, not the one that people read.
function memberKey(scope: Scope, member: Record<string, unknown>): string {
  return typeof member.name === 'string' && member.name !== ''
    ? member.name.toLowerCase()
    : (botOfMember(scope, member)?.metadata.name ?? '').toLowerCase();
}

function botProblems(context: ProblemContext, bot: AgentDocument): Problem[] {
  const key = keyOf(bot);
  const references = new Map(referencesOf(bot).map((entry) => [entry.kind, entry.reference]));
  const part = (kind: 'Shell' | 'Model') => {
    const reference = references.get(kind);
    return reference && resolveIn(context, kind, reference, bot.metadata.namespace);
  };
  const shell = part('Shell');
  const model = part('Model');
  const found: Problem[] = [];
  if (shell && model) {
    const mismatch = mismatchOf(shell, model);
    if (mismatch) {
      const values = {
        model: titleOf(model),
        shell: titleOf(shell),
        speaks: PROVIDER_NAMES[mismatch.speaks] ?? mismatch.speaks,
        takes: mismatch.takes.map((name) => PROVIDER_NAMES[name] ?? name).join(', '),
      };
      found.push({ severity: 'error', key, field: 'spec.modelRef', code: 'mismatch', values });
    }
  }
  if (shell && !references.has('Model') && shell.spec.shellType !== 'Dify') {
    found.push({
      severity: 'warning',
      key,
      field: 'spec.modelRef',
      code: 'noModel',
      values: { bot: titleOf(bot) },
    });
  }
  return [...found, ...runtimeProblems(context, key, shell)];
}

function runtimeProblems(
  { executors }: ProblemContext,
  key: string,
  shell: AgentDocument | undefined,
): Problem[] {
  const needed = ENGINES[String(shell?.spec.shellType)];
  if (!executors || !needed) return [];
  const at = { severity: 'warning', key, field: 'spec.shellRef' } as const;
  const found: Problem[] = [];
  const engine = executors.engines.find(({ name }) => name === needed.name);
  if (engine?.state !== 'installed') {
    const values = { shell: needed.title, engine: needed.name, error: engine?.error ?? '' };
    found.push({ ...at, code: 'engineMissing', values });
  }
  if (!executors.available) {
    found.push({ ...at, code: 'noSandbox', values: { reason: executors.problem ?? '' } });
  }
  return found;
}
