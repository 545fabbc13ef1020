import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The command line as it ships: the build, in a process of its own. */
const CLI = ['dist/clients/cli.js'];

const root = fileURLToPath(new URL('../..', import.meta.url));

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Called with the process, to signal it. */
  readonly onStart?: (child: ChildProcess) => void;
  /** Node's own options. */
  readonly node?: readonly string[];
}

export interface CliRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `understudy ARGS` to its end; nothing of our own environment that would steer it is handed on. */
export async function runCli(args: readonly string[], options: RunOptions = {}): Promise<CliRun> {
  const { cwd = root, env = {}, node = [] } = options;
  const command = CLI.map((part) => (part.includes('/') ? `${root}${part}` : part));
  const child = spawn(process.execPath, [...node, ...command, ...args], {
    cwd,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  options.onStart?.(child);
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  return { code, stdout, stderr };
}
