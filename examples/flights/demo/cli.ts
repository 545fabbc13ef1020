import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { checkout, flights } from '../folder.ts';

const bin = join(checkout(), 'bin', 'understudy.mjs');

export interface Said {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `understudy …` as a person would; the demo does nothing that a terminal could not. `signal` ends it. */
export async function understudy(
  args: readonly string[],
  options: { readonly signal?: AbortSignal; readonly show?: boolean } = {},
): Promise<Said> {
  const child = spawn(process.execPath, [bin, '--config', join(flights, 'understudy.config.yaml'), ...args], {
    stdio: ['ignore', 'pipe', options.show ? 'inherit' : 'pipe'],
    ...(options.signal ? { signal: options.signal } : {}),
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

/** The one JSON document that a command prints with `-o json`; throws what it said when its exit code is not expected. */
export async function ask<T>(
  args: readonly string[],
  expected: readonly number[] = [0],
  signal?: AbortSignal,
): Promise<T> {
  const said = await understudy([...args, '-o', 'json'], signal ? { signal } : {});
  if (expected.includes(said.exitCode)) return JSON.parse(said.stdout) as T;
  throw new Error(
    `understudy ${args.join(' ')} ended with ${said.exitCode}, expected ${expected.join(' or ')}:\n${said.stderr || said.stdout}`,
  );
}
