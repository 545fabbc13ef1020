import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { dayOf, days, midnight, refOf, unwatched, type World } from './world.ts';

const row = (id: string, day: number, score: string, status = 200) =>
  `SELECT '${id}' AS id, TIMESTAMP '${dayOf(day)} 12:00:00' AS time, '1' AS model_version, ${status}::INTEGER AS status, ${score}::DOUBLE AS score, '{}' AS inputs`;
const rows = (...of: readonly string[]) => of.join(' UNION ALL ');

export function pairTests(world: () => World): void {
  const pairs = (span = days(0, 3)) =>
    world().store.pairs(
      {
        championLog: join(world().folder, 'one'),
        challengerLog: join(world().folder, 'two'),
        span,
        cuts: { champion: 0.5, challenger: 0.3 },
      },
      unwatched,
    );

  test('answers are paired by request id and compared with the cut of their own model', async () => {
    await world().write(
      `one/day=${dayOf(0)}/a.parquet`,
      rows(row('a', 0, '0.6'), row('b', 0, '0.4'), row('only', 0, '0.1')),
    );
    await world().write(`one/day=${dayOf(1)}/b.parquet`, rows(row('c', 1, '0.5')));
    await world().write(
      `two/day=${dayOf(0)}/a.parquet`,
      rows(row('a', 0, '0.4'), row('b', 0, '0.35'), row('c', 0, '0.2')),
    );
    const found = await pairs();
    expect(found).toMatchObject({
      pairs: 3,
      disagreements: 2,
      championAnswers: 4,
      challengerAnswers: 3,
      challengerErrors: 0,
    });
    expect(found.meanScoreDifference).toBeCloseTo((0.4 - 0.6 + 0.35 - 0.4 + 0.2 - 0.5) / 3, 12);
  });

  test('an error makes no pair, and of a repeated request the answer counts', async () => {
    await world().write(
      `one/day=${dayOf(0)}/a.parquet`,
      rows(row('a', 0, '0.6'), row('b', 0, '0.6'), row('c', 0, '0.6')),
    );
    await world().write(
      `two/day=${dayOf(0)}/a.parquet`,
      rows(row('a', 0, 'NULL', 500), row('b', 0, 'NULL', 503), row('b', 0, '0.6'), row('c', 0, `'nan'`)),
    );
    expect(await pairs()).toMatchObject({ pairs: 1, challengerAnswers: 3, challengerErrors: 2 });
  });

  test('answers outside the span do not count', async () => {
    await world().write(`one/day=${dayOf(0)}/a.parquet`, rows(row('a', 0, '0.6')));
    await world().write(`two/day=${dayOf(0)}/a.parquet`, rows(row('a', 0, '0.6')));
    expect((await pairs({ from: midnight(0), until: `${dayOf(0)}T12:00:00Z` })).pairs).toBe(0);
    expect((await pairs({ from: `${dayOf(0)}T12:00:00Z`, until: midnight(1) })).pairs).toBe(1);
  });

  test('logs that are not there yet have no answers', async () => {
    expect(await pairs()).toEqual({
      pairs: 0,
      disagreements: 0,
      championAnswers: 0,
      challengerAnswers: 0,
      challengerErrors: 0,
      meanScoreDifference: 0,
    });
  });

  test('two prediction files are paired the same way', async () => {
    const champion = await refOf(
      await world().write('one.parquet', `SELECT unnest(['a', 'b', 'c']) AS id, unnest([0.6, 0.4, 0.1]) AS score`),
    );
    const challenger = await refOf(
      await world().write('two.parquet', `SELECT unnest(['c', 'a']) AS id, unnest([0.9, 0.7]) AS score`),
    );
    const request = { champion, challenger, id: 'id', cuts: { champion: 0.5, challenger: 0.5 } };
    const found = await world().store.comparePredictions(request, unwatched);
    expect(found).toMatchObject({
      pairs: 2,
      disagreements: 1,
      championAnswers: 3,
      challengerAnswers: 2,
      challengerErrors: 0,
    });
  });
}
