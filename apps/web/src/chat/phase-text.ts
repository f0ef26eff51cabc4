/** What a run says of its set-up, as far as the interface has words for it; `what` goes into them. */
export interface Phase {
  key: (typeof PHASES)[number]['key'] | undefined;
  what: string;
}

// Engines and executors word phases in English; these are ours.
const PHASES = [
  { key: 'starting', pattern: /^()Starting the sandbox$/ },
  { key: 'restored', pattern: /^()Restored the workspace$/ },
  { key: 'cloning', pattern: /^Cloning (.+)$/ },
  { key: 'receiving', pattern: /^(?:remote: )?Receiving objects: (.+)$/ },
  { key: 'counting', pattern: /^(?:remote: )?(?:Counting|Compressing|Enumerating) objects: (.+)$/ },
  { key: 'resolving', pattern: /^Resolving deltas: (.+)$/ },
  { key: 'checkingOut', pattern: /^(?:Updating files|Checking out files): (.+)$/ },
  { key: 'submodules', pattern: /^()Checking out submodules$/ },
  { key: 'setup', pattern: /^Set-up (.+)$/ },
  { key: 'shortening', pattern: /^()Shortening the conversation$/ },
] as const;

/** Reads a phase; one that is not known stays as it is. */
export function readPhase(text: string): Phase {
  for (const { key, pattern } of PHASES) {
    const match = pattern.exec(text);
    if (match) return { key, what: (match[1] ?? '').replace(' of ', '/') };
  }
  return { key: undefined, what: text };
}
