import type { AttachmentInfo, InputField, InputValues } from '@wegent/api';
import { type ReactNode, useMemo, useState } from 'react';
import { useSlow } from '../../ui/use-slow.ts';
import { InputCard } from './input-card.tsx';
import { faultsOf, filledValues, mergeFields, startValues } from './merge-forms.ts';
import { useTeamInputs } from './use-team-inputs.ts';

/** What goes along with a message from the form. */
export interface GivenInputs {
  /** Absent when nothing is asked for. */
  inputs?: InputValues;
  files: AttachmentInfo[];
}

/** The form that an agent wants filled in before it answers. */
export interface Inputs {
  /** Stands above the box to write in; nothing when nothing is asked for. */
  card: ReactNode;
  /** What is filled in, or undefined when something is missing or wrong; then the form says so. */
  collect: () => GivenInputs | undefined;
  /** The same, as soon as it is known what is asked for: a quick writer may be faster. */
  whenRead: () => Promise<GivenInputs | undefined>;
  /** After sending: the form folds, and files are given anew. */
  sent: () => void;
}

/** Keeps what a person fills in. `before` is what went with the last message. */
export function useInputs(
  team: { name: string; namespace: string } | undefined,
  before?: InputValues | undefined,
): Inputs {
  const key = team ? `${team.namespace}/${team.name}` : '';
  const { data, error, isLoading, refetch } = useTeamInputs(team);
  const [own, setOwn] = useState<{ key: string; values: InputValues }>({ key, values: {} });
  const [files, setFiles] = useState<ReadonlyMap<string, AttachmentInfo>>(new Map());
  const slow = useSlow(isLoading);
  const [told, setTold] = useState(false);
  const [opened, setOpened] = useState<boolean>();
  const fields = useMemo(() => mergeFields(data?.applications ?? []), [data]);
  const values = useMemo(
    () => ({ ...startValues(fields, before), ...(own.key === key ? own.values : {}) }),
    [fields, before, own, key],
  );
  const faults = useMemo(() => faultsOf(fields, values), [fields, values]);
  // What was filled in before needs no second look.
  const open = opened ?? (faults.size > 0 || before === undefined);

  const set = (variable: string, value: InputValues[string] | undefined) => {
    const { [variable]: _old, ...rest } = own.key === key ? own.values : {};
    // Nothing is not the same as what was there before.
    setOwn({ key, values: { ...rest, [variable]: value ?? '' } });
  };
  const take = (asked: readonly InputField[]): GivenInputs | undefined => {
    const given = asked === fields ? values : startValues(asked, before);
    if (faultsOf(asked, given).size > 0) {
      setTold(true);
      setOpened(true);
      return undefined;
    }
    if (asked.length === 0) return { files: [] };
    const inputs = filledValues(asked, given);
    const ids = Object.values(inputs).flatMap((value) => (Array.isArray(value) ? value : []));
    return { inputs, files: ids.flatMap((id) => files.get(id) ?? []) };
  };
  const applications = data?.applications ?? [];
  const broken = applications.filter((application) => application.error);
  return {
    card:
      fields.length === 0 && broken.length === 0 && !error && !slow ? undefined : (
        <InputCard
          name={applications.length === 1 ? applications[0]?.form?.name : undefined}
          fields={fields}
          values={values}
          faults={told ? faults : NONE}
          complete={faults.size === 0}
          open={open}
          loading={slow}
          problems={broken.flatMap((application) => application.error?.message ?? [])}
          error={error ?? undefined}
          files={files}
          onChange={set}
          onFile={(info) => setFiles((all) => new Map(all).set(info.id, info))}
          onOpen={(next) => {
            setOpened(next);
            if (!next) setTold(true);
          }}
          onRetry={() => void refetch()}
        />
      ),
    collect: () => take(fields),
    whenRead: async () => {
      if (!isLoading) return take(fields);
      const { data: read } = await refetch({ cancelRefetch: false });
      return take(mergeFields(read?.applications ?? []));
    },
    sent: () => {
      setTold(false);
      setOpened(undefined);
      setFiles(new Map());
      setOwn({ key, values: {} });
    },
  };
}

const NONE: ReturnType<typeof faultsOf> = new Map();
