// @ts-check
/**
 * Runs one trainer to its end and outlives whoever submitted it: `node supervisor.mjs <job folder>`. Plain JavaScript
 * without dependencies, so that the same file runs from the sources and from the package.
 *
 * Leaves in the folder: `supervisor.json` (the claim: only one supervisor ever gets it), `state.json` (the attempt),
 * `log.txt`, and `exit.json`, written last and in one piece.
 */
import { spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  fstatSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

/**
 * @typedef {{ cause: 'exit' | 'signal' | 'deadline' | 'stopped' | 'not-found', exitCode?: number, signal?: string, message?: string }} End
 */

const TAIL_LINES = 200;
const TAIL_BYTES = 32_768;
const LONGEST_TIMER = 2 ** 31 - 1;
const LONGEST_PAUSE = 60_000;

const folder = process.argv[2] ?? '';
/** The trainer's whole environment, from standard input: it may hold secrets, and half of it is not JSON. */
const environment = JSON.parse(readFileSync(0, 'utf8'));
const job = JSON.parse(readFileSync(join(folder, 'job.json'), 'utf8'));
const startedAt = new Date().toISOString();
const deadlineAt = Date.now() + job.deadlineMs;

/** Why the trainer is being stopped, once it is. @type {'deadline' | 'stopped' | undefined} */
let stopping;
/** The process group of the attempt that runs. @type {number | undefined} */
let group;
/** Ends the pause between two attempts. */
let wake = () => {};

if (claim()) await supervise();

/** The link is atomic: of several supervisors exactly one goes on. A folder that was removed meanwhile is no error. */
function claim() {
  const draft = join(folder, `supervisor.${process.pid}.tmp`);
  try {
    writeFileSync(draft, JSON.stringify({ pid: process.pid, startTicks: startTicks(process.pid), startedAt }));
    linkSync(draft, join(folder, 'supervisor.json'));
    return true;
  } catch (error) {
    if (['EEXIST', 'ENOENT'].includes(codeOf(error))) return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

async function supervise() {
  process.on('SIGTERM', () => stop('stopped'));
  process.on('SIGINT', () => stop('stopped'));
  armDeadline();
  let attempt = 0;
  /** @type {End} */
  let end;
  do {
    attempt += 1;
    end = await run(attempt);
  } while (mayRetry(end, attempt) && (await pause(attempt, end)));
  if (stopping) end = { ...end, cause: stopping, message: explainStop(stopping, attempt) };
  const endedAt = new Date().toISOString();
  publish('exit.json', { ...end, attempts: attempt, startedAt, endedAt, logTail: logTail() });
}

/**
 * One attempt in its own process group and with an empty output directory, so that nothing an earlier attempt left can
 * pass for a result. Whatever of the group is alive after its leader ended is killed.
 * @param {number} attempt @returns {Promise<End>}
 */
function run(attempt) {
  rmSync(job.output, { recursive: true, force: true });
  mkdirSync(job.output);
  const log = openSync(join(folder, 'log.txt'), 'a', 0o600);
  const [command, ...given] = job.command;
  return new Promise((resolve) => {
    const child = spawn(command, given, {
      cwd: job.folder,
      env: environment,
      detached: true,
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    child.once('error', (error) => resolve({ cause: 'not-found', message: explainNotFound(command, error) }));
    child.once('exit', (code, signal) => {
      signalGroup('SIGKILL');
      group = undefined;
      resolve(code === null ? { cause: 'signal', signal: signal ?? 'unknown' } : { cause: 'exit', exitCode: code });
    });
    if (child.pid === undefined) return;
    group = child.pid;
    publish('state.json', {
      state: 'running',
      attempt,
      startedAt: new Date().toISOString(),
      group,
      startTicks: startTicks(group),
    });
    if (stopping) stop(stopping);
  });
}

/** @param {End} end @param {number} attempt */
function mayRetry(end, attempt) {
  if (stopping || attempt > job.retries) return false;
  return end.cause === 'signal' || (end.cause === 'exit' && !job.finalExitCodes.includes(end.exitCode));
}

/** Doubles from attempt to attempt. Answers whether to go on. @param {number} attempt @param {End} end */
async function pause(attempt, end) {
  const ms = Math.min(job.backoffMs * 2 ** (attempt - 1), LONGEST_PAUSE);
  const how = end.cause === 'exit' ? `exit code ${end.exitCode}` : `${end.signal}`;
  publish('state.json', {
    state: 'waiting',
    attempt,
    why: `attempt ${attempt} of ${job.retries + 1} ended with ${how}; the next begins within ${ms / 1000} s`,
  });
  await new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    wake = () => {
      clearTimeout(timer);
      resolve(undefined);
    };
  });
  return !stopping;
}

/** A timer holds 24 days at most; longer deadlines are reached in several steps. It keeps nobody alive. */
function armDeadline() {
  const left = deadlineAt - Date.now();
  if (left <= 0) stop('deadline');
  else setTimeout(armDeadline, Math.min(left, LONGEST_TIMER)).unref();
}

/** SIGTERM means: write a checkpoint and leave. After the grace period the group is killed. @param {'deadline' | 'stopped'} why */
function stop(why) {
  stopping ??= why;
  wake();
  if (group === undefined) return;
  const stopped = group;
  signalGroup('SIGTERM');
  setTimeout(() => {
    if (group === stopped) signalGroup('SIGKILL');
  }, job.graceMs).unref();
}

/** @param {NodeJS.Signals} signal */
function signalGroup(signal) {
  if (group === undefined) return;
  try {
    process.kill(-group, signal);
  } catch (error) {
    if (codeOf(error) !== 'ESRCH') throw error;
  }
}

/** @param {'deadline' | 'stopped'} why @param {number} attempt */
function explainStop(why, attempt) {
  if (why === 'stopped') return `the trainer was told to stop (SIGTERM) in attempt ${attempt}`;
  return `the trainer was stopped in attempt ${attempt}: it may take ${job.deadlineMs / 1000} s from its first start`;
}

/** @param {string} command @param {Error} error */
function explainNotFound(command, error) {
  if (!existsSync(job.folder)) return `the working directory ${job.folder} does not exist`;
  if (codeOf(error) === 'EACCES') return `the command ${command} is not executable (looked from ${job.folder})`;
  return `the command ${command} was not found in PATH=${environment.PATH ?? ''} (looked from ${job.folder})`;
}

/** Readers see the old file or the new one, never half of it. @param {string} name @param {object} value */
function publish(name, value) {
  const draft = join(folder, `${name}.tmp`);
  try {
    writeFileSync(draft, JSON.stringify(value), { mode: 0o600 });
    renameSync(draft, join(folder, name));
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    stop('stopped'); // Somebody removed the job's folder: nobody waits for this trainer any more.
  }
}

/** The last lines, without the secrets that were handed over. */
function logTail() {
  const path = join(folder, 'log.txt');
  if (!existsSync(path)) return '';
  const file = openSync(path, 'r');
  const { size } = fstatSync(file);
  const bytes = Buffer.alloc(Math.min(size, TAIL_BYTES));
  readSync(file, bytes, 0, bytes.length, size - bytes.length);
  closeSync(file);
  return redact(bytes.toString('utf8').trimEnd().split('\n').slice(-TAIL_LINES).join('\n'));
}

/** @param {string} text */
function redact(text) {
  const secrets = Object.entries(environment)
    .filter(([name, value]) => /token|password|passwd|secret|credential|key/i.test(name) && String(value).length >= 4)
    .map(([, value]) => String(value));
  const hidden = secrets.reduce((rest, secret) => rest.replaceAll(secret, '***'), text);
  return hidden.replace(/(:\/\/[^/\s:@]*:)[^/\s@]+@/g, '$1***@');
}

/** When the process began, in clock ticks since boot: pid and this name a process, a pid alone does not. @param {number} pid */
function startTicks(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
  } catch {
    return 0; // It has ended already.
  }
}

/** @param {unknown} error @returns {string} */
function codeOf(error) {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
