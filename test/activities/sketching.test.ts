import { writeFileSync } from 'node:fs';
import { mkdtemp, readFile, rename, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createDuckdbDataStore } from '../../activities/adapters/duckdb/data-store.ts';
import { frozenGrids } from '../../activities/grids.ts';
import type { DataStore } from '../../activities/ports/data-store.ts';
import { factsOfDay, groupsOf, isCounted, sketchDay, sumDays } from '../../activities/sketching.ts';
import type { Partition, Sketch } from '../../scorecards/drift/sketch.ts';
import { unwatched } from '../contracts/data-store/world.ts';
import { createMemoryEvidence } from '../fakes/memory-evidence.ts';
import { daysFrom, inDuckdb, writeDays } from '../lifecycle/data.ts';
import { present } from '../present.ts';

const DAY = 86_400_000;
const COLUMNS = [
  { name: 'x', type: 'continuous' },
  { name: 'g', type: 'categorical' },
] as const;

/** Real files and DuckDB; the store counts how often it was asked. */
describe('counting days', () => {
  let folder: string;
  let asked: { sketch: number; digest: number; facts: number; freeze: number };
  let ports: { data: DataStore; evidence: ReturnType<typeof createMemoryEvidence> };

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sketching-'));
    asked = { sketch: 0, digest: 0, facts: 0, freeze: 0 };
    const real = createDuckdbDataStore({ temporaryDirectory: join(folder, 'spill'), threads: 1 });
    const count = (what: keyof typeof asked): DataStore => {
      asked[what] += 1;
      return real;
    };
    const data: DataStore = {
      ...real,
      sketch: async (...given) => count('sketch').sketch(...given),
      digest: async (...given) => count('digest').digest(...given),
      facts: async (...given) => count('facts').facts(...given),
      freezeGrids: async (...given) => count('freeze').freezeGrids(...given),
    };
    ports = { data, evidence: createMemoryEvidence() };
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const list = () =>
    ports.data.partitions({
      dataset: 'observations',
      path: join(folder, 'data/observations/day=*/*.parquet'),
      bucketMs: DAY,
    });
  const gridsOf = async (days: readonly Partition[], anew: readonly string[] = []) =>
    frozenGrids(
      ports,
      { model: 'm', files: days.flatMap(({ files }) => files.map(({ path }) => path)), columns: COLUMNS, anew },
      unwatched,
    );
  /** As if the files had been there for a while. */
  const settle = async (days: readonly Partition[]) => {
    const long = new Date('2001-02-01T00:00:00Z');
    for (const { files } of days) for (const { path } of files) await utimes(path, long, long);
  };
  const counted = async (days: readonly Partition[]) => {
    const grids = await gridsOf(days);
    for (const day of days) await sketchDay(ports, { day, grids, time: 'seen' }, unwatched);
  };

  test('a day is counted once for the same content, whatever its files are called and whenever they were written', async () => {
    await writeDays(folder, daysFrom('2001-01-01', 1, 50));
    const [before] = await list();
    await counted([present(before)]);
    await rename(
      join(folder, 'data/observations/day=2001-01-01/p.parquet'),
      join(folder, 'data/observations/day=2001-01-01/renamed.parquet'),
    );
    const days = await list();
    await settle(days);
    await counted(await list());
    expect(asked).toMatchObject({ sketch: 1, digest: 2 });
  });

  test('a file with one other byte is counted again, though its size and time are as they were', async () => {
    await writeDays(folder, daysFrom('2001-01-01', 1, 50));
    const days = await list();
    await settle(days);
    await counted(await list());
    const file = present(days[0]?.files[0]).path;
    await inDuckdb(async (run) => {
      await run(`create table d as select * replace (x + 1 as x) from read_parquet('${file}')`);
      await run(`copy (select * from d order by id) to '${file}' (format parquet)`);
    });
    await settle(await list());
    await counted(await list());
    expect(asked.sketch).toBe(2);
  });

  test('evidentlyai/evidently#1396, SeldonIO/alibi-detect#510: what is kept of a column has one size, however many rows there are', async () => {
    await writeDays(folder, [...daysFrom('2001-01-01', 1, 5000), ...daysFrom('2001-01-02', 1, 100_000)]);
    await inDuckdb(async (run) => {
      for (const { files } of await list()) {
        const file = present(files[0]).path;
        await run(`create or replace table d as select * replace (hash(id) / 1e18 as x) from read_parquet('${file}')`);
        await run(`copy (select * from d order by id) to '${file}' (format parquet)`);
      }
    });
    const days = await list();
    const grids = await gridsOf(days);
    const kept: Sketch[] = [];
    for (const day of days)
      kept.push(present((await sketchDay(ports, { day, grids, time: 'seen' }, unwatched)).get('x')));
    expect(kept.map(({ rows }) => rows)).toEqual([5000, 100_000]);
    expect(Math.max(...kept.map(({ keys }) => keys.length))).toBeLessThanOrEqual(2049);
  });

  test('the digest of a file that nobody touched for a while is remembered', async () => {
    await writeDays(folder, daysFrom('2001-01-01', 1, 50));
    const [day] = await list();
    const grids = await gridsOf([present(day)]);
    const settled = {
      ...ports.data,
      digest: async (...given: Parameters<DataStore['digest']>) => {
        return { ...(await ports.data.digest(...given)), settled: true };
      },
    };
    const request = { day: present(day), grids, time: 'seen' };
    expect(await isCounted(ports, request)).toBe(false);
    await sketchDay({ ...ports, data: settled }, request, unwatched);
    expect(await isCounted(ports, request)).toBe(true);
    await sketchDay({ ...ports, data: settled }, request, unwatched);
    expect(asked).toMatchObject({ sketch: 1, digest: 1 });
  });

  test('the digest of a file of this very moment is not, because its next change might not show', async () => {
    await writeDays(folder, daysFrom('2001-01-01', 1, 50));
    const [day] = await list();
    expect(await ports.data.digest(present(day?.files[0]), unwatched)).toMatchObject({ settled: false });
  });

  test('a file that was written to after it was listed is refused by name', async () => {
    await writeDays(folder, daysFrom('2001-01-01', 1, 50));
    const [day] = await list();
    const grids = await gridsOf([present(day)]);
    const path = present(day?.files[0]).path;
    await writeDays(folder, daysFrom('2001-01-01', 1, 60));
    const refused = { code: 'data-changed', details: { file: path } };
    await expect(ports.data.digest(present(day?.files[0]), unwatched)).rejects.toMatchObject(refused);
    await expect(ports.data.sketch({ partition: present(day), grids, time: 'seen' }, unwatched)).rejects.toMatchObject(
      refused,
    );
  });

  test('a file that is written to while it is counted leaves no sketch, and is counted as it is the next time', async () => {
    await writeDays(folder, daysFrom('2001-01-01', 1, 50));
    const [day] = await list();
    const grids = await gridsOf([present(day)]);
    const { path } = present(present(day).files[0]);
    const written = await readFile(path);
    const progress = () => writeFileSync(path, written);
    const request = { day: present(day), grids, time: 'seen' };
    const counting = sketchDay(ports, request, { ...unwatched, progress });
    await expect(counting).rejects.toMatchObject({ code: 'data-changed', details: { file: path } });
    const [again] = await list();
    expect((await sketchDay(ports, { ...request, day: present(again) }, unwatched)).get('x')?.rows).toBe(50);
    expect(asked.sketch).toBe(2);
  });

  test('facts of a day are looked at once', async () => {
    await writeDays(folder, daysFrom('2001-01-01', 1, 50));
    const [day] = await list();
    const ask = () => factsOfDay(ports, { day: present(day), id: 'id', time: 'seen' }, unwatched);
    expect(await ask()).toEqual(await ask());
    expect(asked.facts).toBe(1);
  });

  test('the sum of forty days is the sum of its groups, to the last count', async () => {
    await writeDays(folder, daysFrom('2001-01-01', 40, 20));
    const days = await list();
    const grids = await gridsOf(days);
    expect(groupsOf(days).length).toBeGreaterThan(1);
    const tree = await sumDays(ports, { days, grids, time: 'seen' }, unwatched);
    const files = days.flatMap((day) => day.files);
    const whole = {
      dataset: 'observations' as const,
      files,
      bucket: { from: '2001-01-01T00:00:00Z', until: '2001-03-01T00:00:00Z' },
    };
    const at = await ports.data.sketch({ partition: whole, grids, time: 'seen' }, unwatched);
    expect(tree).toEqual(at);
    expect(tree.get('x')?.rows).toBe(800);
  });

  test('grids outlive versions: they are frozen once, for new features when they come, anew only where asked', async () => {
    await writeDays(folder, daysFrom('2001-01-01', 2, 50));
    const days = await list();
    const first = await gridsOf(days.slice(0, 1));
    await writeDays(folder, daysFrom('2001-01-03', 2, 5000));
    expect(await gridsOf(await list())).toEqual(first);
    expect(asked.freeze).toBe(1);
    const again = await gridsOf((await list()).slice(2), ['x']);
    expect(again.map(({ id }, index) => id === first[index]?.id)).toEqual([false, true]);
    expect(await gridsOf(days)).toEqual(again);
    expect(asked.freeze).toBe(2);
  });

  test('two workers that freeze at once end with the same grids', async () => {
    await writeDays(folder, daysFrom('2001-01-01', 1, 50));
    const days = await list();
    const [one, other] = await Promise.all([gridsOf(days), gridsOf(days)]);
    expect(one).toEqual(other);
  });
});
