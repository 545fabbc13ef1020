import { Option } from 'commander';
import type { Command } from 'commander';
import { screenOf } from './terminal.ts';
import type { Screen } from './terminal.ts';

export interface Declared {
  readonly summary: string;
  /** A command line that works; every command shows one. */
  readonly example: string;
  /** What `-o` may say; default `json`. Empty for commands that have nothing to say to a program. */
  readonly forms?: readonly string[];
}

/** A command of the tree: nothing heavy is loaded before its action runs. */
export function declare(parent: Command, usage: string, { forms = ['json'], summary, example }: Declared): Command {
  const command = parent
    .command(usage)
    .summary(summary)
    .description(`${sentence(summary)}.`);
  if (forms.length > 0)
    command.addOption(new Option('-o, --output <form>', 'form of the answer, instead of text').choices(forms));
  return command.addHelpText('after', `\nExample:\n  ${example}`);
}

/** What a command does; the number is the exit code. */
export type Act<Options> = (screen: Screen, args: readonly string[], options: Options) => Promise<number>;

/** Binds an action: positional arguments as texts, options as declared, here or on a command above. */
export function does<Options extends object>(command: Command, act: Act<Options>): Command {
  return command.action(async (...given: unknown[]) => {
    // `<name...>` arrives as a list.
    const args = given.slice(0, -2).flatMap((value) => (Array.isArray(value) ? value.map(String) : [textOf(value)]));
    process.exitCode = await act(screenOf(command), args, command.optsWithGlobals<Options>());
  });
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

function sentence(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}
