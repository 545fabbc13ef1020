import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { buildKubectl } from '../../../infra/cluster/binaries.ts';
import { writtenPages, blocksOf } from '../../docs/pages.ts';
import { kubeconfigFile } from '../cluster.ts';

const run = promisify(execFile);

/** What the pages tell people to type that begins with `kubectl`: lines of shell, and whole commands within a sentence. */
export function kubectlCommands(): readonly string[] {
  return writtenPages().flatMap((page) => {
    const typed = blocksOf(page, 'sh').flatMap((block) => block.split('\n'));
    const told = [...page.text.matchAll(/`(kubectl -n [^`]+)`/gu)].map(([, command = '']) => command);
    return [...typed, ...told].filter((line) => line.startsWith('kubectl '));
  });
}

/** Types such a command in this folder. What it printed; throws with what it complained about. */
export async function type(command: string, cwd: string): Promise<string> {
  const programs = path.dirname(await buildKubectl());
  const env = { ...process.env, KUBECONFIG: kubeconfigFile(), PATH: `${programs}:${process.env['PATH']}` };
  const { stdout } = await run('bash', ['-o', 'pipefail', '-c', command], { cwd, env, maxBuffer: 16 * 1024 ** 2 });
  return stdout;
}
