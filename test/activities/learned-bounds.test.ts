import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { baselineFromDays } from '../../activities/trial-baseline.ts';
import { judgeWindows } from '../../activities/drift-check.ts';
import { unwatched } from '../contracts/data-store/world.ts';
import { present } from '../present.ts';
import { createDriftWorld } from './drift-world.ts';
import type { DriftWorld } from './drift-world.ts';

const dayName = (index: number) => new Date(Date.UTC(2001, 2, 1 + index)).toISOString().slice(0, 10);
const spanOf = (from: number, until: number) => ({
  from: `${dayName(from)}T00:00:00.000Z`,
  until: `${dayName(until)}T00:00:00.000Z`,
});

let world: DriftWorld;
beforeAll(async () => {
  world = await createDriftWorld();
  const write = (index: number, shift: number) =>
    world.write(dayName(index), 500, `(hash('${index} ' || i) % 2000) / 1000.0 + ${shift} as x`);
  // The days of the baseline swing: a high day is nothing new.
  for (let index = 0; index < 9; index += 1) await write(index, (index % 3) * 0.5);
  for (let index = 9; index < 11; index += 1) await write(index, 1);
}, 120_000);
afterAll(() => world.close());

test('the days of a baseline teach its bounds where the policy asks for it: days like its higher ones fire no more', async () => {
  const { policy, ...rest } = world.applied;
  const under = (learned: boolean) => ({
    ...rest,
    policy: { ...policy, spec: { ...policy.spec, drift: { ...policy.spec.drift, learned } } },
  });
  const baseline = await baselineFromDays(world.ports, { applied: under(true), span: spanOf(0, 9) }, unwatched);
  expect(baseline.learned).toMatchObject({ 'x ks': { days: 9 }, 'x psi': { days: 9 } });
  const verdictUnder = async (learned: boolean) => {
    const judged = await judgeWindows(world.ports, { applied: under(learned), baseline }, [spanOf(9, 11)], unwatched);
    return present(judged[0]).verdict.verdict;
  };
  expect(await verdictUnder(false)).toBe('drift');
  expect(await verdictUnder(true)).toBe('steady');
  const bare = await baselineFromDays(world.ports, { applied: under(false), span: spanOf(0, 9) }, unwatched);
  expect(bare).not.toHaveProperty('learned');
});
