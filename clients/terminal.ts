import os from 'node:os';
import type { Command } from 'commander';

export interface Stream {
  readonly write: (text: string) => void;
  readonly color: boolean;
}

/** The two streams of a command: stdout is data, stderr is talk. Tests replace them by `configureOutput`. */
export function terminalOf(command: Command): { readonly out: Stream; readonly err: Stream } {
  const output = command.configureOutput();
  return {
    out: { write: (text) => output.writeOut?.(text), color: output.getOutHasColors?.() ?? false },
    err: { write: (text) => output.writeErr?.(text), color: output.getErrHasColors?.() ?? false },
  };
}

/** The options that every command takes. */
export interface GlobalOptions {
  readonly config?: string;
  readonly color?: 'auto' | 'always' | 'never';
  /** Columns of a terminal that is not there: fixed widths for recordings and tests. */
  readonly forceTty?: string;
  /** `false` with `--no-input`. */
  readonly input?: boolean;
}

/** Where a command speaks, and what it may expect of whoever listens. */
export interface Screen {
  readonly out: Stream;
  readonly err: Stream;
  /** One JSON document on stdout instead of text. */
  readonly json: boolean;
  /** Columns of the terminal behind stdout; undefined when there is none. */
  readonly columns: number | undefined;
  /** Whether somebody can be asked. */
  readonly canAsk: boolean;
  /** Path of the operators' settings, when one was named. */
  readonly config: string | undefined;
  /** `user@host`: who speaks, unless `--as` says otherwise. */
  readonly identity: string;
}

export function screenOf(command: Command): Screen {
  const options = command.optsWithGlobals<GlobalOptions & { readonly output?: string }>();
  const { out, err } = terminalOf(command);
  const json = options.output === 'json';
  const forced = Number(options.forceTty);
  const columns = forced > 0 ? forced : process.stdout.isTTY ? process.stdout.columns : undefined;
  const canAsk = process.stdin.isTTY && process.stderr.isTTY && !json && options.input !== false;
  return { out, err, json, columns, canAsk, config: options.config, identity: identity() };
}

/** One line of talk. */
export function talk(screen: Pick<Screen, 'err'>, line: string): void {
  screen.err.write(`${line}\n`);
}

/** Text for people, or one JSON document whose keys are stable. */
export function answer(screen: Screen, document: object, text: () => string): void {
  screen.out.write(
    screen.json ? `${JSON.stringify({ schemaVersion: 1, ...document }, undefined, 2)}\n` : `${text()}\n`,
  );
}

function identity(): string {
  try {
    return `${os.userInfo().username}@${os.hostname()}`;
  } catch {
    // A container may run under a user id that has no name.
    return `uid-${process.getuid?.() ?? 'unknown'}@${os.hostname()}`;
  }
}
