import type { Command } from 'commander';
import { declare, does } from '../declare-command.ts';
import { EXIT } from '../failure.ts';
import { answer } from '../terminal.ts';

/** `understudy version`: for bug reports and for programs. */
export function registerVersion(program: Command, version: string): void {
  const command = declare(program, 'version', {
    summary: 'print the version of this program and of Node',
    example: 'understudy version -o json',
  });
  does(command, async (screen) => {
    const { node } = process.versions;
    answer(screen, { version, node }, () => `understudy ${version}, Node ${node}`);
    return EXIT.ok;
  });
}
