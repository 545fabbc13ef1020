import { rm } from 'node:fs/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { judgeWindows } from '../../activities/drift-check.ts';
import { baselineFromDays } from '../../activities/trial-baseline.ts';
import { unwatched } from '../contracts/data-store/world.ts';
import { present } from '../present.ts';
import { createDriftWorld } from './drift-world.ts';
import type { DriftWorld } from './drift-world.ts';

const X = '(hash(i) % 10000) / 1e3 as x';
const dayOf = (day: number): string => `2001-01-${String(day).padStart(2, '0')}`;
const spanOf = (from: number, until: number) => ({
  from: `${dayOf(from)}T00:00:00.000Z`,
  until: `${dayOf(until)}T00:00:00.000Z`,
});

/** Real files, real DuckDB: ten days of baseline, and a window of four, each with its rows at noon. */
let world: DriftWorld;
beforeEach(async () => {
  world = await createDriftWorld();
  for (let day = 1; day <= 14; day += 1) await world.write(dayOf(day), 400 + day, X);
});
afterEach(() => world.close());

async function judge() {
  const { applied, ports } = world;
  const baseline = await baselineFromDays(ports, { applied, span: spanOf(1, 11) }, unwatched);
  const { findings, verdict } = present(
    (await judgeWindows(ports, { applied, baseline }, [spanOf(11, 15)], unwatched))[0],
  );
  const raised = findings.filter(({ level }) => level !== 'none');
  return { verdict, raised: raised.map(({ criterion, level }) => [criterion.metric, level]), findings };
}

test('FE4: a window that is as usual raises nothing of when its rows came', async () => {
  const { raised, verdict } = await judge();
  expect(raised).toEqual([]);
  expect(verdict.verdict).toBe('steady');
});

test('FE4: files that go on to come without rows make a window late, and their days too small', async () => {
  await world.write(dayOf(13), 0, X);
  await world.write(dayOf(14), 0, X);
  const { findings, raised, verdict } = await judge();
  expect(raised).toEqual([
    ['freshness', 'breach'],
    ['volume', 'warn'],
  ]);
  expect(verdict).toMatchObject({ verdict: 'drift', byKind: { quality: 'drift', data: 'steady' } });
  const late = present(findings.find(({ criterion }) => criterion.metric === 'freshness'));
  expect(late.sentence).toBe(
    'seen: the newest of 823 rows is of 2001-01-12T12:00:00.000Z, 60 hours before the end of the window from 2001-01-11 until 2001-01-15; at most 48 are allowed.',
  );
});

test('FE4: a window whose last day is missing is incomplete and no alarm', async () => {
  await world.write(dayOf(13), 0, X);
  await rm(world.fileOf(dayOf(14)));
  const { raised, verdict } = await judge();
  expect(raised).toEqual([]);
  expect(verdict.verdict).toBe('inconclusive');
});

test('numbers that are no numbers any more fail as nulls do, and one alone warns', async () => {
  const broken = (each: number) =>
    `case when i % ${each} = 0 then 'nan'::double else ${X.replace(' as x', '')} end as x`;
  await world.write(dayOf(12), 412, broken(3));
  const { raised } = await judge();
  expect(raised).toContainEqual(['nonFiniteRate', 'breach']);
  await world.write(dayOf(12), 412, broken(1000));
  expect((await judge()).raised).toEqual([['nonFiniteRate', 'warn']]);
});
