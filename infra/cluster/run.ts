import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { messageOf } from '../error-code.ts';
import { ClusterFailure } from './failure.ts';
import { interruption } from './interruption.ts';
import { network } from './places.ts';

const execute = promisify(execFile);

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What to do about a failure, said at its end. */
  readonly cure?: string;
}

/**
 * Runs a program to its end and answers with its output. Throws {@link ClusterFailure} with the last of what it printed;
 * when this process is told to stop, the program is ended too.
 */
export async function run(file: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  interruption.throwIfAborted();
  try {
    const { stdout } = await execute(file, [...args], {
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      env: { ...process.env, ...options.env },
      maxBuffer: 64 * 1024 * 1024,
      signal: interruption,
    });
    return stdout;
  } catch (cause) {
    interruption.throwIfAborted();
    const cure = options.cure === undefined ? '' : `\n${options.cure}`;
    throw new ClusterFailure(`${[file, ...args].join(' ')} failed: ${printed(cause)}${cure}`, { cause });
  }
}

/** Whether the program ended with 0. */
export async function succeeds(file: string, args: readonly string[]): Promise<boolean> {
  return await run(file, args).then(
    () => true,
    () => false,
  );
}

/**
 * The arguments that start a program inside the network namespace. Not `ip netns exec`: that mounts `/sys` anew and hides
 * the cgroup hierarchies from kubelet and runc.
 */
export function insideNetwork(file: string, args: readonly string[]): { file: string; args: readonly string[] } {
  return { file: 'nsenter', args: [`--net=/var/run/netns/${network.namespace}`, file, ...args] };
}

function printed(cause: unknown): string {
  const stderr = typeof cause === 'object' && cause !== null && 'stderr' in cause ? cause.stderr : undefined;
  const text = typeof stderr === 'string' ? stderr.trim() : '';
  return text === '' ? messageOf(cause) : text.split('\n').slice(-12).join('\n');
}
