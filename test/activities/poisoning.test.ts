import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { getJson, putJson } from '../../activities/context.ts';
import type { EvidenceRef } from '../../scorecards/vocabulary.ts';
import { daysFrom } from '../lifecycle/data.ts';
import { createCheckedWorld, withChecks } from './checked-world.ts';

type Checks = Parameters<typeof withChecks>[0];

let world: Awaited<ReturnType<typeof createCheckedWorld>>;
beforeEach(async () => {
  world = await createCheckedWorld();
});
afterEach(() => world.dispose());

const DAYS = daysFrom('2000-12-29', 12, 200).map(({ day }) => day);
/** Every twentieth row of source a gets the other label: 5 % of it, and less than 2 % of all rows. */
const FLIPS = `select * replace (case when split_part(id, '-', 4)::int % 60 = 0 then 1 - y else y end as y) from day`;
const everyDay = async (selection: string, dataset?: string) => {
  for (const day of DAYS) await world.rewrite(day, selection, dataset);
};
const flips = (more: NonNullable<Checks['labelFlips']> = {}) =>
  withChecks({ labelFlips: { by: 'g', atMost: '3%', severity: 'fail', ...more } });

describe('poisoned data', () => {
  test('SE4: 5 % flipped labels from one source are found, and the source is named', async () => {
    const champion = await world.champion(flips());
    await everyDay(FLIPS, 'labels');
    await expect(world.check(flips(), champion)).rejects.toMatchObject({
      code: 'data-invalid',
      message: expect.stringMatching(
        /^The label "y" is another than in the champion's snapshot in 48 of 804 rows where g is a \(5\.97 %, at most 3 %\)\./,
      ),
      details: { check: 'label-flips', column: 'y' },
    });
  });

  test('SE4: by default flipped labels are a warning, of all rows', async () => {
    const champion = await world.champion();
    await everyDay(FLIPS, 'labels');
    const checked = await world.check({}, champion);
    expect(checked).toMatchObject({
      verdict: 'warn',
      reasons: [expect.stringMatching(/in 28 of 1,400 rows \(2 %, at most 1 %\)/)],
    });
  });

  test('SE4: the same labels, and too few rows in both snapshots, are no flips', async () => {
    const champion = await world.champion(flips());
    expect(await world.check(flips(), champion)).toMatchObject({ verdict: 'pass', reasons: [] });
    await everyDay(FLIPS, 'labels');
    expect(await world.check(flips({ atLeastRows: 5000 }), champion)).toMatchObject({ verdict: 'pass' });
  });

  test('SE4: a source that sends far more than its share is found, a new one too', async () => {
    const sources = withChecks({ sources: { by: 'g', atMost: 2, severity: 'fail' } });
    const champion = await world.champion();
    await everyDay(
      "select * replace (case when split_part(id, '-', 4)::int % 10 < 9 then 'a' else g end as g) from day",
    );
    await expect(world.check(sources, champion)).rejects.toMatchObject({
      message: expect.stringMatching(
        /^"g" is a in 9\d(\.\d)? % of the rows, and was in 33\.5 % of the champion's: 2\.\d+ times/,
      ),
      details: { check: 'sources', column: 'g' },
    });
    await everyDay(
      "select * replace (case when split_part(id, '-', 4)::int % 10 < 1 then 'stranger' else 'b' end as g) from day",
    );
    await expect(world.check(sources, champion)).rejects.toMatchObject({
      message: expect.stringMatching(/^"g" is stranger in 10 % of the rows, and was in 0 %/),
    });
  });

  test('a champion whose snapshot is gone is told of: silence is no comparison', async () => {
    const champion = await world.champion();
    const { data } = await getJson<{ data: { manifest: EvidenceRef } }>(world.evidence, champion.record);
    const manifest = await getJson<Record<string, object>>(world.evidence, data.manifest);
    const gone = { ...manifest, train: { ...manifest['train'], sha256: '0'.repeat(64) } };
    const record = await putJson(world.evidence, { data: { manifest: await putJson(world.evidence, gone) } });
    expect(await world.check({}, { ...champion, record })).toMatchObject({
      verdict: 'warn',
      reasons: [expect.stringMatching(/snapshot is not in the evidence store any more/)],
    });
  });
});

describe('freshness of a feature at the snapshot', () => {
  const aged = (seconds: number) => `select *, seen - to_seconds(${seconds}) as made from day`;
  const policy = {
    data: {
      observations: { path: 'data/observations/day=*/*.parquet', time: 'seen', id: 'id' },
      labels: { path: 'data/labels/day=*/*.parquet', id: 'id', label: 'y', availableAt: 'known_at' },
      features: [{ name: 'x', type: 'continuous' as const, freshWithin: '1h', at: 'made' }],
    },
  };

  test('FE4: just inside passes', async () => {
    await everyDay(aged(3600));
    expect(await world.check(policy)).toMatchObject({ verdict: 'pass' });
  });

  test('FE4: just outside ends the run and names the file', async () => {
    await everyDay(aged(3600));
    await world.rewrite('2001-01-05', 'select * replace (seen - to_seconds(3601) as made) from day');
    await expect(world.check(policy)).rejects.toMatchObject({
      code: 'data-invalid',
      message: expect.stringMatching(/^"x" was older than 1h in 200 of 200 rows of .*day=2001-01-05/),
      details: { file: world.fileOf('2001-01-05'), column: 'x', check: 'feature-freshness' },
    });
  });

  test('FE4: an age that nobody can tell is never a pass', async () => {
    await expect(world.check(policy)).rejects.toThrow(/have no column "made" of times/);
    await everyDay(aged(60));
    await world.rewrite('2001-01-05', 'select * replace (null::timestamp as made) from day');
    await expect(world.check(policy)).rejects.toThrow(/no instant in "made" in 200 of 200 rows/);
  });
});
