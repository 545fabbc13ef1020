import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createDuckdbDataStore } from '../../../../activities/adapters/duckdb/data-store.ts';
import { criterion, scorecard } from '../../../contracts/data-store/measurements.ts';
import { createWorld, refOf, unwatched, type World } from '../../../contracts/data-store/world.ts';

const ROWS = 2_000;

let world: World;
beforeEach(async () => {
  world = await createWorld((temporaryDirectory) => createDuckdbDataStore({ temporaryDirectory }));
});
afterEach(() => world.dispose());

const write = async (name: string, select: string) =>
  await refOf(await world.write(`${name}.parquet`, `SELECT i AS id, ${select} FROM range(${ROWS}) t(i)`), name);

test.each([
  ['evenly spread', '(i * 37 % 2000) / 2000e0', '7%', 140],
  ['nearly all in one bin', 'pow((i * 37 % 2000) / 2000e0, 60)', '30%', 600],
  ['tied', '(i % 7) / 7e0', '20%', 400],
  ['two of them', '(i % 3 = 0)::DOUBLE', '40%', 800],
  ['a single row', '(i * 37 % 2000) / 2000e0', '0.01%', 1],
])('EV1: the cut is the k-th highest score, k being the share rounded up, of scores that are %s', async (...row) => {
  const [, score, top, place] = row;
  const request = {
    holdout: await write('holdout', 'i AS feature'),
    labels: await write('labels', '(i * 7 % 10 < 3)::INTEGER AS y'),
    challenger: await write('challenger', `${score} AS score`),
    champion: await write('champion', `1e0 - ${score} AS score`),
    columns: { id: 'id', label: 'y' },
    scorecard: scorecard([criterion('recall')], { operatingPoint: { top } }),
  };
  const { operatingPoint } = await world.store.measure(request, unwatched);
  const [sorted] = await world.sql(
    `SELECT list(s ORDER BY s DESC)[${place}] AS challenger, list(1e0 - s ORDER BY 1e0 - s DESC)[${place}] AS champion
     FROM (SELECT ${score} AS s FROM range(${ROWS}) t(i))`,
  );
  expect(operatingPoint).toEqual(sorted);
});
