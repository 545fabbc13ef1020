import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { run } from '../../../infra/cluster/run.ts';
import { packageRoot } from '../../../infra/package-root.ts';

/** Inside the checkout, so that its packages are found. */
let home: string;
beforeAll(async () => {
  home = await mkdtemp(path.join(packageRoot(), '.understudy', 'run-test-'));
});
afterAll(async () => {
  await rm(home, { recursive: true });
});

describe('a program that cluster:up runs', () => {
  test('fails with the end of what it printed and with the cure', async () => {
    const failing = run('sh', ['-c', 'echo no such mirror >&2; exit 100'], { cure: 'is a Debian mirror reachable?' });
    await expect(failing).rejects.toThrow(/^sh -c .* failed: no such mirror\nis a Debian mirror reachable\?$/);
  });

  test('ends with cluster:up when that is told to stop, which then ends in order', async () => {
    const infra = path.join(packageRoot(), 'infra', 'cluster');
    const file = path.join(home, 'long.ts');
    const program = `import { obeySignals } from '${infra}/interruption.ts';
      import { run } from '${infra}/run.ts';
      obeySignals();
      process.stdout.write('begun');
      await run('sleep', ['600']).catch((error) => process.stdout.write(' and ' + error.message));`;
    await writeFile(file, program);
    const child = spawn(process.execPath, ['--import', 'tsx', file], { cwd: packageRoot(), stdio: 'pipe' });
    let said = '';
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
    child.stdout.once('data', () => child.kill('SIGTERM'));
    expect(await ended).toBe(0);
    expect(said).toMatch(/^begun and interrupted; npm run cluster:up goes on/);
  });
});
