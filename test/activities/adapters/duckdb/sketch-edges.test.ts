import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createDuckdbDataStore } from '../../../../activities/adapters/duckdb/data-store.ts';
import { binsOf } from '../../../../activities/adapters/duckdb/sketch-sql.ts';
import { mergeSketches } from '../../../../scorecards/drift/sketch.ts';
import type { Partition, Sketch } from '../../../../scorecards/drift/sketch.ts';
import { softsignBin, softsignEdge } from '../../../../scorecards/drift/softsign.ts';
import { unwatched } from '../../../contracts/data-store/world.ts';
import { inDuckdb } from '../../../lifecycle/data.ts';
import { present } from '../../../present.ts';
import { softsign } from '../../../scorecards/drift/sketches.ts';

const GRIDS = [
  { ...softsign('x', 3.7, 0.13), halfBins: 1024 },
  { ...softsign('x', -1e6, 1e3), halfBins: 4096 },
  { ...softsign('x', 0, 1e-9), halfBins: 1024 },
] as const;

/** The doubles just below and above a number, `steps` away. */
function neighbours(x: number, steps: number): readonly number[] {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, x);
  const bits = view.getBigInt64(0);
  return Array.from({ length: 2 * steps + 1 }, (_, index) => {
    view.setBigInt64(0, bits + BigInt(index - steps));
    return view.getFloat64(0);
  });
}

/** Counts by the bin that TypeScript gives; undefined is no bin. */
function binned(values: readonly number[], grid: (typeof GRIDS)[number]): ReadonlyMap<number | undefined, number> {
  const counts = new Map<number | undefined, number>();
  for (const x of values) {
    const bin = softsignBin(x, { ...grid, perScale: 1 / grid.scale });
    counts.set(bin, (counts.get(bin) ?? 0) + 1);
  }
  return counts;
}

describe('SQL and TypeScript put every number into the same bin', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'edges-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  const store = () => createDuckdbDataStore({ temporaryDirectory: join(folder, 'spill'), threads: 1 });
  const whole: Partition['bucket'] = { from: '2001-01-01T00:00:00Z', until: '2001-01-02T00:00:00Z' };
  const sketch = async (files: readonly string[], grid: (typeof GRIDS)[number]): Promise<Sketch> => {
    const partition = {
      dataset: 'observations' as const,
      bucket: whole,
      files: files.map((path) => ({ path, bytes: 1 })),
    };
    return present((await store().sketch({ partition, grids: [grid] }, unwatched)).get('x'));
  };

  test.each(GRIDS)(
    'also at the edges of bins, at the ends of the range and where no bin is (grid %#)',
    async (grid) => {
      const file = join(folder, `edges-${grid.scale}.parquet`);
      const edges = Array.from({ length: 2 * grid.halfBins }, (_, index) => index - grid.halfBins).flatMap((bin) =>
        neighbours(grid.centre + grid.scale * softsignEdge(bin, grid.halfBins), 8),
      );
      const odd = [
        0,
        -0,
        5e-324,
        -5e-324,
        1e308,
        -1e308,
        Number.MAX_VALUE,
        1e-300,
        grid.centre,
        NaN,
        Infinity,
        -Infinity,
      ];
      const values = [...edges, ...odd];
      await inDuckdb(async (run) => {
        await run('create table v (x double)');
        for (let from = 0; from < values.length; from += 5000) {
          const some = values.slice(from, from + 5000).map((x) => `('${x}'::double)`);
          await run(`insert into v values ${some.join(', ')}`);
        }
        await run(`copy v to '${file}' (format parquet)`);
      });
      const counts = binned(values, grid);
      const found = await sketch([file], grid);
      expect(new Map(found.keys.map((key, index) => [key, found.counts[index]]))).toEqual(
        new Map([...counts].filter(([bin]) => bin !== undefined)),
      );
      expect(found).toMatchObject({ rows: values.length, nulls: 0, nonFinite: counts.get(undefined) });
    },
  );

  test('the plan aggregates bins without a hash table, which is what makes it fast', async () => {
    const rows = await inDuckdb(async (run) => {
      await run('set perfect_ht_threshold = 18');
      await run('create table v as select i::double as x from range(100) t(i)');
      return run(`explain ${binsOf(GRIDS[0], 'v', { present: false })}`);
    });
    expect(JSON.stringify(rows)).toContain('PERFECT_HASH_GROUP_BY');
  });

  test('how rows are split into files, and their order, changes no count', async () => {
    const select = (where: string) =>
      `select (hash(i) % 4000) / 7e0 as x from range(5000) t(i) where ${where} order by hash(i + 1)`;
    const write = async (name: string, where: string) => {
      await inDuckdb((run) => run(`copy (${select(where)}) to '${join(folder, name)}' (format parquet)`));
      return join(folder, name);
    };
    const all = await write('all.parquet', 'true');
    const parts = [await write('some.parquet', 'i % 3 = 0'), await write('rest.parquet', 'i % 3 > 0')];
    const [grid] = GRIDS;
    const together = await sketch([all], grid);
    expect(await sketch(parts, grid)).toEqual(together);
    expect(mergeSketches(await Promise.all(parts.map(async (part) => sketch([part], grid))))).toEqual(together);
  });
});
