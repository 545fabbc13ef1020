import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { packageRoot } from '../infra/package-root.ts';

const run = promisify(execFile);

/** What numbers were measured on: processor, memory, versions, commit. */
export async function machine(): Promise<readonly string[]> {
  const [cpu] = os.cpus();
  const lock = JSON.parse(await readFile(path.join(packageRoot(), 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  const commit = await run('git', ['rev-parse', '--short', 'HEAD'], { cwd: packageRoot() }).catch(() => undefined);
  return [
    `${os.availableParallelism()} × ${cpu?.model ?? 'unknown processor'}`,
    `${Math.round(os.totalmem() / 1024 ** 3)} GiB`,
    `Node ${process.version}`,
    `@duckdb/node-api ${lock.dependencies['@duckdb/node-api']}`,
    `commit ${commit?.stdout.trim() ?? 'unknown'}`,
    new Date().toISOString().slice(0, 10),
  ];
}

/** How busy the machine is with other things. */
export const load = (): string =>
  `load of the machine when the bench began: ${os.loadavg()[0]?.toFixed(1)} on ${os.availableParallelism()} cores`;

export function fromEnvironment(name: string, otherwise: number): number {
  const value = Number(process.env[name] ?? otherwise);
  if (Number.isInteger(value) && value >= 0) return value;
  throw new Error(`${name} is "${process.env[name]}"; expected a whole number`);
}
