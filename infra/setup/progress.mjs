import { spawn } from 'node:child_process';
import { appendFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { SetupFailure, explainDisk } from './failure.mjs';
import { stateFolder } from './root.mjs';

const log = path.join(stateFolder, 'setup.log');

/** Says on stderr what is done and for how long. On a terminal the line counts seconds, elsewhere it is printed twice. */
export function createReporter({ quiet, out = process.stderr }) {
  const write = (text) => (quiet ? undefined : out.write(text));
  const live = out.isTTY === true && process.env.TERM !== 'dumb' && !quiet;

  async function during(step, work) {
    const started = Date.now();
    const seconds = () => `${Math.round((Date.now() - started) / 1000)} s`;
    const line = `setup: ${step.name} (${step.roughly})`;
    write(live ? line : `${line} …\n`);
    const ticking = live ? setInterval(() => write(`\r${line} … ${seconds()}\u001B[K`), 1000) : undefined;
    try {
      await work({ run, log });
      write(`${live ? '\r' : ''}setup: ${step.name}: done in ${seconds()}${live ? '\u001B[K' : ''}\n`);
    } catch (cause) {
      write(live ? '\n' : '');
      throw explainDisk(cause, stateFolder);
    } finally {
      clearInterval(ticking);
    }
  }

  return { during, say: (text) => write(`setup: ${text}\n`) };
}

/**
 * Runs a command to its end, its output in the log file. Throws SetupFailure with its last lines when it fails:
 * `describe(lastLines)` gives { exitCode, message }.
 */
async function run(file, args, { cwd, describe }) {
  mkdirSync(stateFolder, { recursive: true });
  appendFileSync(log, `\n$ ${file} ${args.join(' ')}\n`);
  const child = spawn(file, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  let tail = '';
  const keep = (chunk) => {
    appendFileSync(log, chunk);
    tail = (tail + chunk.toString()).slice(-4000);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const interrupted = forwardSignals(child);
  const code = await new Promise((resolve) => {
    child.once('error', (cause) => resolve(cause.message));
    child.once('close', (exit, signal) => resolve(exit ?? signal));
  });
  if (interrupted.stop() !== undefined) throw new SetupFailure(130, 'interrupted; run it again to finish');
  if (code === 0) return;
  const lines = tail.trim().split('\n').slice(-8).join('\n  ');
  const { exitCode, message } = describe(lines);
  const output = lines === '' ? String(code) : lines;
  throw new SetupFailure(exitCode, `${message}\n  ${output}\n  (all of its output: ${log})`);
}

/** A set-up that is told to stop takes its child with it and ends in an orderly way. */
function forwardSignals(child) {
  let received;
  const forward = (signal) => {
    received = signal;
    child.kill('SIGTERM');
  };
  process.on('SIGINT', forward).on('SIGTERM', forward);
  return {
    stop() {
      process.off('SIGINT', forward).off('SIGTERM', forward);
      return received;
    },
  };
}
