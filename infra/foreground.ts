import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import path from 'node:path';
import { packageRoot } from './package-root.ts';
import { StackFailure } from './stack/failure.ts';

/**
 * The worker as a child of this process, on the same terminal; answers with its exit code once it has ended. Signals to this
 * process are the child's. Throws StackFailure 69 when it is not built.
 */
export async function runWorker(env: Readonly<Record<string, string>>): Promise<number> {
  const entry = path.join(packageRoot(), 'dist', 'workers', 'worker.js');
  if (!existsSync(entry))
    throw new StackFailure(69, `the worker is not built (looked for ${entry}); run: node infra/setup.mjs`);
  const child = spawn(process.execPath, [entry], { stdio: 'inherit', env: { ...process.env, ...env } });
  const pass = (signal: NodeJS.Signals) => {
    // Ctrl-C reaches the whole foreground group: the child has it already.
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, pass);
  try {
    return await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
    });
  } finally {
    for (const signal of signals) process.off(signal, pass);
  }
}
