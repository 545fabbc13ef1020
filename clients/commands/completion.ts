import { Argument } from 'commander';
import type { Command } from 'commander';
import { declare, does } from '../declare-command.ts';
import { EXIT } from '../failure.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;

/** `understudy completion`: a script made from the command tree itself. */
export function registerCompletion(program: Command): void {
  const command = declare(program, 'completion', {
    summary: 'print a completion script for a shell',
    example: 'source <(understudy completion bash)',
    forms: [],
  }).addArgument(new Argument('<shell>').choices(SHELLS));
  does(command, async (screen, [shell = '']) => {
    const { completionFor } = await import('../completion.ts');
    screen.out.write(completionFor(SHELLS.find((known) => known === shell) ?? 'bash', program));
    return EXIT.ok;
  });
}
