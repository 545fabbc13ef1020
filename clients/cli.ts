import { readFileSync } from 'node:fs';
import { CommanderError } from 'commander';
import type { Command } from 'commander';
import { EXIT } from './failure.ts';
import { packageFolder } from './package-folder.ts';
import { createProgram } from './program.ts';

/** Runs one command line and answers with its exit code. */
export async function main(args: readonly string[]): Promise<number> {
  const program = createProgram(packageVersion());
  try {
    await program.parseAsync([...args], { from: 'user' });
    return Number(process.exitCode ?? EXIT.ok);
  } catch (error) {
    if (error instanceof CommanderError) return usageCode(error, commandNamedBy(program, args));
    const { explainFailure } = await import('./explain-failure.ts');
    const { exitCode, message, next } = explainFailure(error);
    program.configureOutput().writeErr?.(`error: ${message}\n  next  ${next}\n`);
    return exitCode;
  }
}

/** Commander has written its sentence already; it exits 1 where a wrong usage is meant. */
function usageCode(error: CommanderError, command: Command): number {
  if (error.code === 'commander.helpDisplayed' || error.code === 'commander.version') return EXIT.ok;
  if (error.code.startsWith('understudy.')) return error.exitCode;
  if (error.code !== 'commander.help') command.configureOutput().writeErr?.(`  next  ${pathOf(command)} --help\n`);
  return EXIT.usage;
}

/** The deepest command that the words name. */
function commandNamedBy(program: Command, args: readonly string[]): Command {
  let found = program;
  for (const word of args) found = found.commands.find((command) => command.name() === word) ?? found;
  return found;
}

function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}

function packageVersion(): string {
  const { version }: { version: string } = JSON.parse(readFileSync(packageFolder('package.json'), 'utf8'));
  return version;
}

// `understudy … | head` closes the pipe early: nobody listens any more, and that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.ok);
  throw error;
});
process.exitCode = await main(process.argv.slice(2));
