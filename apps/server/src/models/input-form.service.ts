import {
  BotSpec,
  GhostSpec,
  type InputForm,
  isDifyApplication,
  type MemberInputForm,
  type ModelEndpoint,
  memberName,
  type ObjectReference,
  PUBLIC_NAMESPACE,
  type ResourceObject,
  type RunError,
  ShellSpec,
  type TeamInputs,
  TeamSpec,
} from '@wegent/api';
import type { Store } from '@wegent/store';
import { createExpiringCache } from '../auth/expiring-cache.ts';
import type { Principal } from '../auth/principal.ts';
import type { TurnPreparer } from '../chat/turn.ts';
import { isUnrestricted } from '../executions/outbound-rule.ts';
import { resolveReference } from '../resources/references.ts';
import type { SecretBox } from '../resources/secret-box.ts';
import { modelEndpoint } from './model-endpoint.ts';

/** Milliseconds that a form is remembered: people go back and forth between agents. */
const KEPT_MS = 30_000;
const MAX_KEPT = 500;

/** Asks an application what people fill in before it runs, see `ServerOptions.readInputForm`. */
export type ReadInputForm = (input: {
  endpoint: ModelEndpoint;
  hasInstructions: boolean;
  outboundAllow?: readonly string[] | undefined;
}) => Promise<{ form: InputForm; error?: never } | { form?: never; error: RunError }>;

/** Input forms, see `createInputFormService`. */
export type InputFormService = ReturnType<typeof createInputFormService>;

/** What the applications of a Team ask for before they run. Who may talk to the Team may know. */
export function createInputFormService({
  store,
  secrets,
  turns,
  readInputForm,
  outboundAllow,
  modelEnvironment,
  now = Date.now,
}: {
  store: Store;
  secrets: SecretBox;
  turns: Pick<TurnPreparer, 'team'>;
  readInputForm: ReadInputForm;
  outboundAllow: readonly string[];
  modelEnvironment: Readonly<Record<string, string | undefined>>;
  now?: () => number;
}) {
  const forms = createExpiringCache<InputForm>({ ttlMs: KEPT_MS, maxEntries: MAX_KEPT, now });

  async function ofTeam(principal: Principal, reference: ObjectReference): Promise<TeamInputs> {
    const team = await turns.team(principal, reference);
    const { members } = TeamSpec.parse(team.spec);
    const found = await Promise.all(
      members.map(async (member) => {
        const application = await applicationOf(member.botRef, team.metadata.namespace);
        return application ? [{ ...application, member: memberName(member) }] : [];
      }),
    );
    // Members that stand for the same application fill in one form.
    const applications = new Map(found.flat().map((one) => [one.key, one]));
    return {
      applications: await Promise.all(
        [...applications.values()].map((application) => formOf(principal, application)),
      ),
    };
  }

  /** The application behind a Bot; undefined of all others, and where a part is gone: sending a message says so. */
  async function applicationOf(
    botRef: ObjectReference,
    from: string,
  ): Promise<Omit<Application, 'member'> | undefined> {
    const bot = await resolveReference(store, 'Bot', botRef, from);
    const spec = bot && BotSpec.parse(bot.spec);
    if (!bot || !spec?.modelRef) return undefined;
    const { namespace } = bot.metadata;
    const shell = await resolveReference(store, 'Shell', spec.shellRef, namespace);
    if (!shell || ShellSpec.parse(shell.spec).shellType !== 'Dify') return undefined;
    const model = await resolveReference(store, 'Model', spec.modelRef, namespace);
    if (!model) return undefined;
    const ghost = await resolveReference(store, 'Ghost', spec.ghostRef, namespace);
    const hasInstructions = ghost !== undefined && GhostSpec.parse(ghost.spec).systemPrompt !== '';
    const { uid, resourceVersion } = model.metadata;
    return { model, hasInstructions, key: JSON.stringify([uid, resourceVersion, hasInstructions]) };
  }

  async function formOf(
    principal: Principal,
    { key, member, model, hasInstructions }: Application,
  ): Promise<MemberInputForm> {
    const { name, namespace } = model.metadata;
    const named = { member, model: name };
    const isPublic = namespace === PUBLIC_NAMESPACE;
    const endpoint = modelEndpoint(secrets.unseal(model), isPublic ? modelEnvironment : {});
    if (!isDifyApplication(endpoint)) return { ...named, error: noApplication(name) };
    const unrestricted = isUnrestricted(principal, [namespace]);
    let error: RunError | undefined;
    const form = await forms
      .get(`${key} ${unrestricted}`, async () => {
        const read = await readInputForm({
          endpoint,
          hasInstructions,
          ...(unrestricted ? {} : { outboundAllow }),
        });
        if (read.form) return read.form;
        throw new FormUnread(read.error);
      })
      .catch((cause: unknown) => {
        if (!(cause instanceof FormUnread)) throw cause;
        error = cause.error;
        return undefined;
      });
    if (form) return { ...named, form };
    const { reason = 'Internal', message = '', detail } = error ?? {};
    return { ...named, error: { reason, message, ...(detail === undefined ? {} : { detail }) } };
  }

  return {
    /** The forms of a Team's applications, or for each why it could not be read. */
    ofTeam,
  };
}

interface Application {
  /** Changes with whatever the form depends on. */
  key: string;
  member: string;
  model: ResourceObject;
  hasInstructions: boolean;
}

/** A form that could not be read: not kept, so that the next one who asks is answered anew. */
class FormUnread extends Error {
  readonly error: RunError;

  constructor(error: RunError) {
    super(error.message);
    this.name = 'FormUnread';
    this.error = error;
  }
}

function noApplication(name: string): RunError {
  return {
    reason: 'ModelBadRequest',
    message: `Model "${name}" is no Dify application. Choose one that has DIFY_API_KEY and DIFY_BASE_URL in modelConfig.env.`,
    retryable: false,
  };
}
