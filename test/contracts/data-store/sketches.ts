import { expect, test } from '@jest/globals';
import { mergeSketches, type Grid, type Partition, type Sketch } from '../../../scorecards/drift/sketch.ts';
import { sketchName } from '../../../scorecards/drift/slices.ts';
import type { SketchColumn } from '../../../activities/ports/data-store.ts';
import { days, unwatched, type World } from './world.ts';

const partitionOf = (...files: readonly string[]): Partition => ({
  dataset: 'observations',
  bucket: days(0, 1),
  files: files.map((path) => ({ path, bytes: 1 })),
});

/** Rows of 2024-01-01 with one column `x`. */
const column = (values: string) => `SELECT TIMESTAMP '2024-01-01 12:00:00' AS seen, ${values}`;
/** Value i with the weight of its bits, spread unevenly over several scales. */
const SPREAD = 'FROM (SELECT ((i * 7919) % 10007 - 5000)::DOUBLE / 13 AS v FROM range(10000) t(i))';

export function sketchTests(world: () => World): void {
  const freeze = (files: readonly string[], columns: readonly SketchColumn[]) =>
    world().store.freezeGrids({ files, columns }, unwatched);
  const sketch = (partition: Partition, grids: readonly Grid[]) =>
    world().store.sketch({ partition, grids, time: 'seen' }, unwatched);
  const one = async (file: string, type: SketchColumn['type'], name = 'x') => {
    const grids = await freeze([file], [{ name, type }]);
    return { grid: grids[0] as Grid, sketch: (await sketch(partitionOf(file), grids)).get(name) as Sketch };
  };

  test('a number with many values is binned by exactly the arithmetic of the softsign grid', async () => {
    const file = await world().write('many.parquet', column(`v AS x ${SPREAD}`));
    const { grid, sketch: found } = await one(file, 'continuous');
    const { centre, scale } = grid as Extract<Grid, { kind: 'softsign' }>;
    const rows = await world().sql(`SELECT x FROM '${file}'`);
    const bins = rows.map(({ x }) => softsignBin(Number(x), centre, 1 / scale) + 0).toSorted((a, b) => a - b);
    expect(found.keys.flatMap((key, index) => Array.from({ length: Number(found.counts[index]) }, () => key))).toEqual(
      bins,
    );
    expect(found).toMatchObject({ rows: 10_000, nulls: 0, nonFinite: 0, other: 0, grid: grid.id });
  });

  test('a number with few values is counted value by value, and zero has one sign', async () => {
    const file = await world().write('few.parquet', column(`unnest([0e0, -0e0, 2, 2, -1.5]) AS x`));
    const { grid, sketch: found } = await one(file, 'continuous');
    expect(grid.kind).toBe('values');
    expect(found).toMatchObject({ keys: [-1.5, 0, 2], counts: [1, 2, 2] });
  });

  test('nulls, NaN and infinities are counted beside the bins, whatever the kind of the grid', async () => {
    const wild = `unnest([NULL, NULL, 'nan'::DOUBLE, 'inf'::DOUBLE, '-inf'::DOUBLE, 1e0]) AS x`;
    const few = await world().write('wild.parquet', column(wild));
    const many = await world().write('wide.parquet', column(`v AS x ${SPREAD}`));
    const softsign = await freeze([many], [{ name: 'x', type: 'continuous' }]);
    const unit = await freeze([few], [{ name: 'x', type: 'score' }]);
    for (const grids of [softsign, unit, await freeze([few], [{ name: 'x', type: 'continuous' }])]) {
      const found = (await sketch(partitionOf(few), grids)).get('x');
      expect(found).toMatchObject({ rows: 6, nulls: 2, nonFinite: 3, counts: [1], other: 0 });
    }
  });

  test('categories beyond the baseline keep a count while they are frequent; the rest is one number', async () => {
    const known = await world().write('known.parquet', column(`unnest(['a', 'b', '', NULL]) AS x`));
    const grids = await freeze([known], [{ name: 'x', type: 'categorical' }]);
    const more = await world().write(
      'more.parquet',
      column(
        `x FROM (SELECT 'new' || i AS x FROM range(150) t(i), range(i + 1) UNION ALL SELECT 'a' UNION ALL SELECT NULL UNION ALL SELECT '')`,
      ),
    );
    const found = (await sketch(partitionOf(more), grids)).get('x') as Sketch;
    expect(found).toMatchObject({ nulls: 1, nonFinite: 0, rows: (150 * 151) / 2 + 3 });
    expect(found.keys).toHaveLength(102);
    expect(found.keys.slice(0, 2)).toEqual(['', 'a']);
    expect(found.other).toBe((50 * 51) / 2);
  });

  test('a score is binned by floor so that every threshold k/1024 is an edge, and 1 has a bin of its own', async () => {
    const file = await world().write('score.parquet', column(`unnest([0, 0.25, 0.2499999, 1, 0.9999]) AS x`));
    const { sketch: found } = await one(file, 'score');
    expect(found.keys).toEqual([0, 255, 256, 1023, 1024]);
  });

  test.each(['1.001', '-0.01'])('a score of %s is refused, not clamped', async (score) => {
    const file = await world().write('bad-score.parquet', column(`unnest([0.5, ${score}]) AS x`));
    await expect(one(file, 'score')).rejects.toMatchObject({ code: 'data-invalid', details: { column: 'x', file } });
  });

  test('the sketches of two days add up to the sketch of both', async () => {
    const first = await world().write('first.parquet', column(`v AS x ${SPREAD} WHERE v < 50`));
    const second = await world().write('second.parquet', column(`v AS x ${SPREAD} WHERE v >= 50`));
    const grids = await freeze([first, second], [{ name: 'x', type: 'continuous' }]);
    const of = async (...files: readonly string[]) => (await sketch(partitionOf(...files), grids)).get('x') as Sketch;
    expect(mergeSketches([await of(first), await of(second)])).toEqual(await of(first, second));
  });

  test('only rows of the bucket are counted, and rows without time are not', async () => {
    const file = await world().write(
      'mixed.parquet',
      `SELECT unnest([TIMESTAMP '2024-01-01', '2024-01-01 23:59:59.999', '2024-01-02', '2023-12-31 23:00', NULL]) AS seen, 1 AS x`,
    );
    const { sketch: found } = await one(file, 'continuous');
    expect(found.rows).toBe(2);
  });

  test('columns with quotes, dashes and emoji are columns like any other', async () => {
    const names = [`it's "x"; DROP TABLE y --`, '🛫 delay', 'select', 'a\nb'];
    const select = names.map((name, index) => `${index} AS "${name.replaceAll('"', '""')}"`).join(', ');
    const file = await world().write('weird.parquet', column(select));
    const grids = await freeze(
      [file],
      names.map((name) => ({ name, type: 'continuous' as const })),
    );
    const found = await sketch(partitionOf(file), grids);
    expect([...found].map(([name, { keys }]) => [name, keys])).toEqual(names.map((name, index) => [name, [index]]));
  });

  test('a column that is not there, or no number any more, is left out', async () => {
    const file = await world().write('before.parquet', column('1 AS x, 2 AS z'));
    const grids = await freeze(
      [file],
      [
        { name: 'x', type: 'continuous' },
        { name: 'z', type: 'continuous' },
      ],
    );
    const changed = await world().write('after.parquet', column(`'text' AS x`));
    expect((await sketch(partitionOf(changed), grids)).size).toBe(0);
    expect((await sketch({ ...partitionOf(), files: [] }, grids)).size).toBe(0);
  });

  test('grids of the same rows have the same id, and those of another feature another', async () => {
    const file = await world().write('ids.parquet', column(`v AS x, v AS z ${SPREAD}`));
    const columns = [
      { name: 'x', type: 'continuous' as const },
      { name: 'z', type: 'continuous' as const },
    ];
    const [first, second] = [await freeze([file], columns), await freeze([file], columns)];
    expect(second).toEqual(first);
    expect(new Set(first.map(({ id }) => id)).size).toBe(2);
  });

  test.each([
    ['continuous', 'softsign', 'x', 150],
    ['continuous', 'values', 'few', 150],
    ['categorical', 'categories', 'word', 20],
  ] as const)(
    'a slice counted among others is what its rows alone would be: %s on %s',
    async (type, kind, name, words) => {
      const columns = (of: number) => `v AS x, round(v) % 7 AS few, 'w' || (i % ${of}) AS word,
      CASE WHEN i % 11 = 0 THEN NULL WHEN i % 2 = 0 THEN 'it''s' ELSE 'b' END AS g`;
      const rows = `FROM (SELECT i, CASE WHEN i % 13 = 0 THEN NULL WHEN i % 17 = 0 THEN 'nan'::DOUBLE
      ELSE ((i * 7919) % 10007 - 5000)::DOUBLE / 13 END AS v FROM range(10000) t(i))`;
      const file = await world().write('sliced.parquet', column(`${columns(150)} ${rows}`));
      const known = await world().write('known.parquet', column(`${columns(words)} ${rows}`));
      const grids = await freeze([known], [{ name, type }]);
      expect(grids[0]?.kind).toBe(kind);
      const parts = [
        ["it's", `g = 'it''s'`],
        [null, 'g IS NULL'],
        ['nobody', `g = 'nobody'`],
        ['b', `g = 'b'`],
      ] as const;
      const slice = { column: 'g', values: parts.map(([value]) => value) };
      const found = await world().store.sketch({ partition: partitionOf(file), grids, time: 'seen', slice }, unwatched);
      for (const [index, [value, where]] of parts.entries()) {
        const part = await world().write(`part-${index}.parquet`, `SELECT * FROM '${file}' WHERE ${where}`);
        const alone = (await sketch(partitionOf(part), grids)).get(name);
        expect(found.get(sketchName(name, { column: 'g', value }))).toEqual(alone);
      }
      expect(found.size).toBe(4);
    },
  );

  test('so many categories that they have to be capped are counted slice by slice, with the same result', async () => {
    const file = await world().write('wide.parquet', column(`'w' || i AS x, i % 2 AS g FROM range(50000) t(i)`));
    const part = await world().write('half.parquet', `SELECT * FROM '${file}' WHERE g = 1`);
    const grids = await freeze([file], [{ name: 'x', type: 'categorical' }]);
    const request = { partition: partitionOf(file), grids, slice: { column: 'g', values: ['1'] } };
    const found = await world().store.sketch(request, unwatched);
    const alone = await world().store.sketch({ partition: partitionOf(part), grids }, unwatched);
    expect([...found.values()]).toEqual([...alone.values()]);
  });

  test('without the slice column nothing is counted', async () => {
    const file = await world().write('plain.parquet', column(`1e0 AS x`));
    const grids = await freeze([file], [{ name: 'x', type: 'continuous' }]);
    const slice = { column: 'g', values: ['a'] };
    expect((await world().store.sketch({ partition: partitionOf(file), grids, slice }, unwatched)).size).toBe(0);
  });

  test('a constant column gets a grid of scale 1 or its single value, never a division by zero', async () => {
    const file = await world().write('constant.parquet', column(`42e0 AS x FROM range(5000)`));
    expect((await one(file, 'continuous')).sketch).toMatchObject({ keys: [42], counts: [5000] });
  });

  test.each([
    ['gone', 'continuous', 'data-schema'],
    ['word', 'continuous', 'data-schema'],
  ] as const)('a baseline whose column %s cannot be %s is refused: %s', async (name, type, code) => {
    const file = await world().write('baseline.parquet', column(`'a' AS word, NULL::DOUBLE AS void`));
    await expect(freeze([file], [{ name, type }])).rejects.toMatchObject({ code, details: { column: name } });
  });
}

/** The bin by the specification of the sketch, computed a second way. */
function softsignBin(x: number, centre: number, perScale: number): number {
  const y = (x - centre) * perScale;
  const scaled = 1024 * (y / (1 + Math.abs(y)));
  const down = Math.floor(scaled);
  const rest = scaled - down;
  const even = down % 2 === 0 ? down : down + 1;
  return rest === 0.5 ? even : Math.round(scaled);
}
