import { execFile } from 'node:child_process';
import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { SourceFile } from '../scorecards/sign-off.ts';
import { errorCode, messageOf } from './error-code.ts';

const execute = promisify(execFile);
const TIMEOUT_MS = 10_000;
const MOST_BYTES = 16 * 1024 * 1024;

/** Set for hooks and aliases of git: they would name another repository than the one that the file lies in. */
const POINTERS = [
  'GIT_DIR',
  'GIT_WORK_TREE',
  'GIT_COMMON_DIR',
  'GIT_INDEX_FILE',
  'GIT_PREFIX',
  'GIT_OBJECT_DIRECTORY',
  'GIT_ALTERNATE_OBJECT_DIRECTORIES',
  'GIT_NAMESPACE',
];

/**
 * Where a file stands in source control, judged by the text that was read from it and not by git's index, which can be told
 * to overlook a change. `file` is absolute; a link stands for what it points to. Only asks, and never throws: what cannot be
 * known is `unknown` with its reason. Ends of lines may differ as `core.autocrlf` makes them.
 */
export async function lookIntoGit(file: string, text: string): Promise<SourceFile> {
  const real = await realpath(file).catch(() => file);
  const [folder, name] = [path.dirname(real), path.basename(real)];
  const within = await git(folder, ['rev-parse', '--show-prefix']);
  if ('failure' in within) return { path: file, state: 'unknown', why: within.failure };
  const place = `${within.answer.replace(/\n$/, '')}${name}`;
  const kept = await git(folder, ['cat-file', 'blob', `HEAD:./${name}`]);
  if ('failure' in kept) return { path: place, state: 'uncommitted' };
  if (lines(kept.answer) !== lines(text)) return { path: place, state: 'changed' };
  const last = await git(folder, ['--literal-pathspecs', 'rev-list', '-1', 'HEAD', '--', name]);
  if ('failure' in last) return { path: place, state: 'unknown', why: last.failure };
  return { path: place, state: 'committed', commit: last.answer.trim() };
}

const lines = (text: string): string => text.replaceAll('\r\n', '\n');

type Answered = { readonly answer: string } | { readonly failure: string };

async function git(folder: string, args: readonly string[]): Promise<Answered> {
  const kept = Object.entries(process.env).filter(([name]) => !POINTERS.includes(name));
  const env = { ...Object.fromEntries(kept), LC_ALL: 'C', GIT_TERMINAL_PROMPT: '0' };
  try {
    const limits = { timeout: TIMEOUT_MS, maxBuffer: MOST_BYTES };
    const { stdout } = await execute('git', [...args], { cwd: folder, env, encoding: 'utf8', ...limits });
    return { answer: stdout };
  } catch (cause) {
    return { failure: errorCode(cause) === 'ENOENT' ? 'git is not installed' : complaintOf(cause) };
  }
}

/** The first line that git itself wrote. */
function complaintOf(cause: unknown): string {
  const stderr = typeof cause === 'object' && cause !== null && 'stderr' in cause ? cause.stderr : undefined;
  const [first = ''] = typeof stderr === 'string' ? stderr.trim().split('\n') : [];
  return first === '' ? messageOf(cause) : first.replace(/^fatal: /, '');
}
