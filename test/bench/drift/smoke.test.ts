import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { measureAll } from '../../../bench/drift/bench.ts';
import { describe as pageOf } from '../../../bench/drift/report.ts';

/** No times are asserted: what is proved is that the bench still measures what it says. */
describe('the bench of drift', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'bench-drift-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('makes its data, measures everything but other tools in one run, and writes one page', async () => {
    const plan = { rows: 100_000, sizes: [100_000], times: 1, peerRows: 0, cache: folder, scratch: folder };
    const said: string[] = [];
    const bench = await measureAll(plan, { machine: ['a machine'], load: 'no load' }, (line) => said.push(line));
    expect(bench.costs.map(({ name }) => name)).toEqual([
      'raw',
      'rawOfDay',
      'window',
      'days',
      'refresh',
      'merge',
      'digest',
      'freeze',
    ]);
    expect(Math.min(...bench.costs.flatMap(({ cost: { cpu, peak, wall } }) => [cpu, peak, wall]))).toBeGreaterThan(0);
    expect(bench.categories.told).toMatchObject({ atLeast: 99_898, atMost: 99_898, cut: 1 });
    expect(bench.byWorkers.map(({ workers }) => workers)).toEqual([1, 2]);
    const page = pageOf(bench);
    expect(page).toContain('100,000 rows × 30 features');
    expect(page).not.toMatch(/NaN|undefined|Infinity/);
    expect(said).toContain('measuring raw of 100000 rows');
  }, 180_000);
});
