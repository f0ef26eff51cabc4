import { Argument, type Command } from 'commander';
import { complete, isKind } from '../complete.ts';
import { readConfig } from '../config.ts';
import { connect } from '../connect.ts';
import { readContextFile } from '../contexts/context-file.ts';
import { kindOf } from '../resource-names.ts';

/** Shells ask the command itself, so that what they offer is always what it knows. */
const SCRIPTS = {
  bash: `_wegent() {
  local IFS=$'\\n'
  local line="\${COMP_LINE:0:COMP_POINT}" words
  IFS=$' \\t\\n' read -ra words <<< "$line"
  [[ $line == *[[:space:]] ]] && words+=("")
  COMPREPLY=($(wegent __complete -- "\${words[@]:1}" 2>/dev/null))
  # A colon begins a new word for bash; what stands before it is written already.
  local last="\${words[-1]}"
  if [[ $last == *:* && $COMP_WORDBREAKS == *:* ]]; then COMPREPLY=("\${COMPREPLY[@]#"\${last%"\${last##*:}"}"}"); fi
}
complete -o default -F _wegent wegent
`,
  zsh: `#compdef wegent
_wegent() {
  local -a found
  found=("\${(@f)$(wegent __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  found=("\${(@)found:#}")
  if (( \${#found} )); then compadd -a found; else _files; fi
}
compdef _wegent wegent
`,
  fish: `complete -c wegent -f -a '(wegent __complete -- (commandline -opc)[2..] (commandline -ct) 2>/dev/null)'
complete -c wegent -n '__fish_seen_subcommand_from apply diff delete' -s f -l filename -rF
complete -c wegent -n '__fish_seen_subcommand_from run' -s a -l attach -rF
complete -c wegent -n '__fish_seen_subcommand_from login' -l certificate-authority -rF
`,
} as const;

const SHELLS = ['bash', 'zsh', 'fish'] as const;

/** `wegent completion bash`, and `wegent __complete`, which its script calls. */
export function registerCompletion(program: Command): void {
  program
    .command('completion')
    .summary('print what makes a shell complete commands and names')
    .description(
      'Prints what makes a shell complete commands and names. bash and zsh: eval "$(wegent completion bash)"; fish: wegent completion fish | source.',
    )
    .addArgument(new Argument('<shell>').choices(SHELLS))
    .action((shell: (typeof SHELLS)[number]) => void process.stdout.write(SCRIPTS[shell]));

  program.command('__complete [words...]', { hidden: true }).action(async (words: string[]) => {
    const found = await complete(program, words, { objects: namesOfObjects, contexts: namesOfContexts });
    process.stdout.write(found.map((word) => `${word}\n`).join(''));
  });
}

/** Whoever presses Tab waits for no server, and reads no errors. */
async function namesOfObjects(kind: string, namespace: string | undefined): Promise<string[]> {
  if (!isKind(kind)) return [];
  try {
    const { api, namespace: own } = await connect({ ...(namespace === undefined ? {} : { namespace }) });
    const { items } = await api.resources.list(kindOf(kind).plural, {
      namespace: namespace ?? own,
      limit: 200,
      signal: AbortSignal.timeout(2000),
    });
    return items.map(({ metadata }) => metadata.name);
  } catch {
    return [];
  }
}

async function namesOfContexts(): Promise<string[]> {
  const { contexts } = await readContextFile(readConfig().file);
  return Object.keys(contexts);
}
