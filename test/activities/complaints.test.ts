import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { daysFrom } from '../lifecycle/data.ts';
import { createCheckedWorld, withChecks } from './checked-world.ts';

let world: Awaited<ReturnType<typeof createCheckedWorld>>;
beforeEach(async () => {
  world = await createCheckedWorld();
});
afterEach(() => world.dispose());

const NEWEST = "from o where seen >= timestamp '2001-01-08'";
const features = { features: [{ name: 'x', type: 'continuous' as const }], slices: ['g'] };
const data = {
  observations: { path: 'data/observations/day=*/*.parquet', time: 'seen', id: 'id' },
  labels: { path: 'data/labels/day=*/*.parquet', id: 'id', label: 'y', availableAt: 'known_at' },
  ...features,
};

/** What users of other tools complain about, as far as it concerns checks of data and of what is served. */
describe('complaints', () => {
  test('evidently#1526, #763, #710: 2,000 columns are judged from the footers, in one go and without a scan', async () => {
    const wide = Array.from({ length: 2000 }, (_, index) => `x + ${index} as c${index}`);
    await world.rewrite('2001-01-09', `select *, ${wide.join(', ')} from day`);
    const checked = await world.check(withChecks({ schema: { added: 'fail' } })).catch((error: unknown) => error);
    expect(checked).toMatchObject({
      code: 'data-schema',
      message: expect.stringMatching(/\(1999 more in understudy report\)$/),
    });
  });

  test('evidently#187, #330, nannyml#327, #339: nulls are counted and neither dropped nor a crash', async () => {
    const nulls = { columns: [{ name: 'extra', nulls: '10%', atMost: 5 }] };
    for (const day of ['2001-01-08', '2001-01-09'])
      await world.rewrite(day, 'select *, null::double as extra from day');
    for (const { day } of daysFrom('2000-12-29', 10, 200))
      await world.rewrite(day, 'select *, 1::double as extra from day');
    await expect(world.check(withChecks(nulls))).rejects.toMatchObject({
      code: 'data-invalid',
      message: expect.stringMatching(
        /^"extra" is NULL in 16\.7 % of 2,400 rows, at most 10 % may be; most are in .*day=2001-01-0[89]/,
      ),
    });
  });

  test('evidently#187: a served feature that is null where training had values is skew, not a smaller sample', async () => {
    const half = `select id, {x: case when hash(id) % 2 = 0 then x end} as doc ${NEWEST}`;
    const found = await world.skew(half, { data });
    expect(found.reasons[0]).toMatch(
      /^"x" is missing or no value of its type in \d+(\.\d)? % of 400 served requests, and in 0 %/,
    );
  });

  test('evidently#506, nannyml#125: skew needs counts of the training data and none of their rows', async () => {
    const skewed = `select id, {x: x * 60} as doc ${NEWEST}`;
    const found = await world.skew(skewed, { data }, async () => rm(join(world.folder, 'data'), { recursive: true }));
    expect(found.verdict).toBe('fail');
  });

  test('deepchecks#2339, evidently#509: three strange requests of forty are no certain breach of 5 %', async () => {
    const forty = "split_part(id, '-', 4)::int < 20";
    const strange = "case when id in ('2001-01-08-1', '2001-01-08-2', '2001-01-08-3') then 99 else x end";
    const few = await world.skew(`select id, {x: ${strange}} as doc ${NEWEST} and ${forty}`, { data });
    expect(few).toMatchObject({ verdict: 'pass', requests: 40 });
  });

  test('evidently#50: a difference that is certain and small is none', async () => {
    const shifted = `select id, {x: x + 0.001} as doc ${NEWEST}`;
    const found = await world.skew(shifted, { data, shadow: { skew: { distribution: {} } }, drift: { minimum: 100 } });
    expect(found.verdict).toBe('pass');
  });
});
