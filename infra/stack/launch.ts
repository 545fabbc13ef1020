import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../error-code.ts';
import { identify, type ProcessIdentity } from './processes.ts';
import type { Program } from './programs.ts';

export interface Launched {
  readonly identity: ProcessIdentity;
  /** Settles when it has ended, with how: `exit code 1`, `SIGKILL`. */
  readonly exited: Promise<string>;
}

/**
 * Starts a program as the leader of its own process group, its output appended to `log`, and does not keep this process
 * alive for it. Throws when the program cannot be executed or is gone at once.
 */
export async function launch(program: Program, log: string, cwd?: string): Promise<Launched> {
  const output = openSync(log, 'a');
  try {
    const child = spawn(program.file, program.args, {
      detached: true,
      stdio: ['ignore', output, output],
      env: { ...process.env, ...program.env },
      ...(cwd === undefined ? {} : { cwd }),
    });
    const exited = new Promise<string>((resolve) => {
      child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
    });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', (cause) => reject(new Error(`cannot start ${program.file}: ${cause.message}`, { cause })));
    });
    child.unref();
    const identity = child.pid === undefined ? undefined : identify(child.pid);
    if (identity === undefined) throw new Error(`it ended with ${await exited}`);
    return { identity, exited };
  } finally {
    closeSync(output);
  }
}

export interface Waiting {
  readonly withinMs: number;
  /** Asked at every look; an answer is the reason to stop waiting. */
  readonly givenUp?: () => string | undefined;
  readonly signal?: AbortSignal;
}

/** Returns as soon as this address answers 2xx. Throws when time is up, with the last answer, or when given up. */
export async function untilAnswering(url: string, waiting: Waiting): Promise<void> {
  const until = Date.now() + waiting.withinMs;
  for (;;) {
    const answer = await ask(url);
    if (answer === 'ok') return;
    stopWaiting(waiting, until, () => `${url} is not ready: ${answer}`);
    await sleep(100);
  }
}

/** Throws when there is no sense in waiting any longer; `until` is in milliseconds since the epoch. */
export function stopWaiting(waiting: Waiting, until: number, sentence: () => string): void {
  waiting.signal?.throwIfAborted();
  const reason = waiting.givenUp?.();
  if (reason !== undefined) throw new Error(reason);
  if (Date.now() > until) throw new Error(`${sentence()} (waited ${waiting.withinMs} ms)`);
}

async function ask(url: string): Promise<string> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2000) });
    await response.body?.cancel();
    return response.ok ? 'ok' : `it answers ${response.status}`;
  } catch (cause) {
    // What fetch throws says only "fetch failed"; why is in its cause.
    const reason = typeof cause === 'object' && cause !== null && 'cause' in cause ? cause.cause : undefined;
    return messageOf(reason ?? cause);
  }
}

/** The last lines of a log file, for an error message; empty when there is no file. */
export async function lastLines(file: string, count: number): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.trimEnd().split('\n').slice(-count).join('\n');
}
