import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { cgroupRoots } from '../../infra/cluster/clean-up.ts';
import { network, stateDir } from '../../infra/cluster/places.ts';
import { readRecord } from '../../infra/cluster/record.ts';
import { packageRoot } from '../../infra/package-root.ts';
import { isAlive } from '../../infra/stack/processes.ts';
import { present } from '../present.ts';

/** Runs `up` or `down`, and kills it with -9 as soon as it says `killAt`. What it said. */
async function play(which: 'up' | 'down', killAt?: string): Promise<string> {
  const file = path.join('infra', 'cluster', `${which}.ts`);
  const child = spawn(process.execPath, ['--import', 'tsx', file], { cwd: packageRoot(), stdio: 'pipe' });
  let said = '';
  const hear = (chunk: Buffer): void => {
    said += chunk.toString();
    if (killAt !== undefined && said.includes(killAt)) child.kill('SIGKILL');
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  await new Promise((resolve) => child.once('close', resolve));
  return said;
}

/** What of a cluster is on this machine. */
function leftovers(): readonly string[] {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
  return [
    ...(readRecord()?.processes ?? []).filter(isAlive).map(({ name }) => `process ${name}`),
    ...[`/var/run/netns/${network.namespace}`, ...cgroupRoots()].filter(existsSync),
    ...mounts.map((line) => line.split(' ')[4] ?? '').filter((point) => point.startsWith(`${stateDir}/`)),
  ];
}

describe('a cluster:up that is killed with -9 on its way', () => {
  let isOurs = false;
  beforeAll(() => {
    if (readRecord() !== undefined) throw new Error('a cluster is up here: npm run cluster:down first');
    isOurs = true;
  });
  afterAll(async () => {
    if (isOurs) await play('down');
  });

  test.each(['network namespace made', 'control plane ready', 'node ready'])(
    'at "%s" leaves something, and cluster:down clears all of it away',
    async (moment) => {
      expect(await play('up', moment)).not.toContain('the cluster is up');
      expect(leftovers()).not.toEqual([]);
      expect(await play('down')).toContain('the cluster is down');
      expect([leftovers(), readRecord()]).toEqual([[], undefined]);
    },
  );

  test('is cleared away by the next one, which comes up', async () => {
    await play('up', 'node ready');
    const killed = present(readRecord()).processes.filter(isAlive);
    expect(killed).not.toEqual([]);
    const said = await play('up');
    expect(said).toContain('cleared away what an earlier start left behind');
    expect(said).toContain('the cluster is up');
    expect(killed.filter(isAlive)).toEqual([]);
  });
});
