import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { checkout } from '../folder.ts';

const bin = join(checkout(), 'bin', 'understudy.mjs');

export interface Said {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that ended with another exit code than 0. */
export class CommandFailure extends Error {
  readonly exitCode: number;
  constructor(args: readonly string[], { exitCode, stdout, stderr }: Said) {
    super(`understudy ${args.join(' ')} ended with ${exitCode}, expected 0:\n${stderr || stdout}`);
    this.exitCode = exitCode;
  }
}

export interface Cli {
  /** Runs `understudy …` as a person would; the demo does nothing that a terminal could not. */
  run(args: readonly string[]): Promise<Said>;
  /** The one JSON document that a command prints with `-o json`; throws CommandFailure with what it said. */
  ask<T>(args: readonly string[]): Promise<T>;
}

/** The command line with one settings file; `signal` ends what it does. */
export function createCli(settings: string, signal?: AbortSignal): Cli {
  const run = async (args: readonly string[]) => understudy(['--config', settings, ...args], signal);
  return {
    run,
    async ask<T>(args: readonly string[]): Promise<T> {
      const said = await run([...args, '-o', 'json']);
      if (said.exitCode === 0) return JSON.parse(said.stdout) as T;
      throw new CommandFailure(args, said);
    },
  };
}

async function understudy(args: readonly string[], signal: AbortSignal | undefined): Promise<Said> {
  const child = spawn(process.execPath, [bin, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(signal ? { signal } : {}),
  });
  let [stdout, stderr] = ['', ''];
  child.stdout?.on('data', (text: Buffer) => (stdout += text.toString()));
  child.stderr?.on('data', (text: Buffer) => (stderr += text.toString()));
  const exitCode = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
  return { exitCode, stdout, stderr };
}
