import type { Command, Option } from 'commander';

interface Node {
  /** Words after `understudy`: `stack up`; empty for the program itself. */
  readonly path: string;
  readonly commands: readonly { readonly name: string; readonly about: string }[];
  readonly flags: readonly { readonly flag: string; readonly about: string }[];
}

/** A script for a shell that completes commands and flags, made from the tree that also prints the help. */
export function completionFor(shell: 'bash' | 'zsh' | 'fish', program: Command): string {
  const nodes = nodesOf(program, '', program.options);
  if (shell === 'fish') return fish(nodes);
  const setUp = shell === 'zsh' ? 'autoload -U +X bashcompinit && bashcompinit\n' : '';
  return `${setUp}${bash(nodes)}`;
}

function nodesOf(command: Command, path: string, globals: readonly Option[]): Node[] {
  const all = command.parent ? [...command.options, ...globals] : command.options;
  const own = all.filter((option) => !option.hidden);
  const flags = own.map((option) => ({ flag: option.long ?? option.short ?? '', about: option.description }));
  const node: Node = {
    path,
    commands: command.commands.map((child) => ({ name: child.name(), about: child.summary() || child.description() })),
    flags: [...flags, { flag: '--help', about: 'display help for command' }],
  };
  return [node, ...command.commands.flatMap((child) => nodesOf(child, `${path} ${child.name()}`.trim(), globals))];
}

/** The words typed so far, flags left out, name the node; its commands and flags are what may come next. */
function bash(nodes: readonly Node[]): string {
  const cases = nodes.map(({ commands, flags, path }) => {
    const words = [...commands.map(({ name }) => name), ...flags.map(({ flag }) => flag)].join(' ');
    return `    "${path}"*) words="${words}" ;;`;
  });
  // The longest path first: a prefix would match before it.
  const ordered = cases.toSorted((a, b) => b.indexOf(')') - a.indexOf(')'));
  return `_understudy() {
  local path="" word words=""
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in -*) ;; *) path="\${path:+$path }$word" ;; esac
  done
  case "$path" in
${ordered.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _understudy understudy
`;
}

function fish(nodes: readonly Node[]): string {
  const quote = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", String.raw`\'`)}'`;
  const lines = nodes.flatMap(({ commands, flags, path }) => {
    const when =
      path === ''
        ? '__fish_use_subcommand'
        : path
            .split(' ')
            .map((word) => `__fish_seen_subcommand_from ${word}`)
            .join('; and ');
    return [
      ...commands.map(({ about, name }) => `complete -c understudy -n ${quote(when)} -f -a ${name} -d ${quote(about)}`),
      ...flags.map(
        ({ about, flag }) => `complete -c understudy -n ${quote(when)} -l ${flag.slice(2)} -d ${quote(about)}`,
      ),
    ];
  });
  return `${lines.join('\n')}\n`;
}
