import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { baselineOf } from '../../activities/baseline.ts';
import { getJson } from '../../activities/context.ts';
import { judgeWindows } from '../../activities/drift-check.ts';
import type { JudgedWindow } from '../../activities/drift-windows.ts';
import { baselineFromDays } from '../../activities/trial-baseline.ts';
import { sumDays } from '../../activities/sketching.ts';
import { watchedSlices } from '../../activities/slices.ts';
import type { DriftFinding } from '../../scorecards/drift/verdict.ts';
import { benjaminiHochberg } from '../../scorecards/statistics/benjamini-hochberg.ts';
import { unwatched } from '../contracts/data-store/world.ts';
import { present } from '../present.ts';
import { createScoredWorld, dayName } from './scored-world.ts';

const SLICES = { slices: { features: ['x'] }, learned: true };
let world: Awaited<ReturnType<typeof createScoredWorld>>;
beforeAll(async () => {
  world = await createScoredWorld({ drift: SLICES });
  for (let index = 10; index < 17; index += 1) await world.write(index, { shift: 0.4, shifted: 'a' });
}, 120_000);
afterAll(() => world.dispose());

const pValuesOf = (findings: readonly DriftFinding[]) => findings.flatMap(({ measurement }) => measurement?.p ?? []);
const newest = async (of: typeof world) => {
  const result = await of.measure(17);
  const windows = await getJson<readonly JudgedWindow[]>(of.ports.evidence, result.report);
  return { result, findings: present(windows.at(-1)).findings };
};

describe('features in declared slices', () => {
  test('DA4: a feature that moved in one slice only is found there, with its numbers, while all rows together look steady', async () => {
    const { findings, result } = await newest(world);
    const said = findings
      .filter(({ criterion }) => criterion.name.startsWith('x ks'))
      .map(({ criterion, level, measurement }) => [criterion.name, level, measurement?.n.current]);
    expect(said).toEqual([
      ['x ks', 'none', 4200],
      ['x ks where g is b', 'none', 2800],
      ['x ks where g is a', 'breach', 1400],
    ]);
    expect(result.verdict).toBe('drift');
    expect(result.top[0]?.sentence).toMatch(/^x where g is a: (PSI|KS D) .* 1,400 rows against /);
  });

  test('evidentlyai/evidently#238: features, slices, shares of nulls, scores and labels of a window are one family of tests', async () => {
    const { findings } = await newest(world);
    const tested = findings.filter(({ measurement }) => measurement?.p !== undefined);
    const kinds = tested.map(({ criterion }) => `${criterion.kind} ${criterion.metric} ${criterion.slice.length}`);
    expect([...new Set(kinds)].toSorted()).toEqual([
      'concept cramersV 0',
      'concept cramersV 1',
      'concept psi 0',
      'concept psi 1',
      'data ks 0',
      'data ks 1',
      'data psi 0',
      'data psi 1',
      'prediction ks 0',
      'prediction ks 1',
      'prediction psi 0',
      'prediction psi 1',
      'quality nullRate 0',
    ]);
    const ps = pValuesOf(findings);
    expect(ps.map(({ adjusted }) => adjusted)).toEqual(benjaminiHochberg(ps.map(({ raw }) => raw)));
  });

  test('a sum over slices is the sum over all rows, and is kept under a key of its own', async () => {
    const baseline = await baselineOf(world.ports, world.champion);
    const { inSlices, sketches } = baseline;
    const parts = Object.values(present(inSlices).sketches);
    expect(parts.reduce((sum, { rows }) => sum + rows, 0)).toBe(present(sketches['x']).rows);
    const days = await world.ports.data.partitions({
      dataset: 'observations',
      path: `${world.policy.folder}/data/observations/day=*/*.parquet`,
      bucketMs: 86_400_000,
    });
    const of = { days: days.slice(0, 1), grids: baseline.grids, time: 'seen' };
    const sliced = await sumDays(world.ports, { ...of, slice: { column: 'g', values: ['b'] } }, unwatched);
    const other = await sumDays(world.ports, { ...of, slice: { column: 'g', values: ['a'] } }, unwatched);
    const whole = await sumDays(world.ports, of, unwatched);
    expect([...whole.values(), ...sliced.values(), ...other.values()].map(({ rows }) => rows)).toEqual([600, 400, 200]);
  });

  test('a baseline of other days, for a replay, is told apart by the same slices', async () => {
    const span = { from: `${dayName(0)}T00:00:00.000Z`, until: `${dayName(5)}T00:00:00.000Z` };
    const { inSlices } = await baselineFromDays(world.ports, { applied: world.policy, span }, unwatched);
    expect(inSlices).toMatchObject({ features: ['x'], lists: [{ column: 'g', values: ['b', 'a'] }] });
  });

  test('a champion keeps what the days of its baseline taught, too', async () => {
    const { learned } = await baselineOf(world.ports, world.champion);
    expect(learned).toMatchObject({ 'x ks': { days: 9 }, 'x psi': { days: 9 } });
  });

  test('a name that is no feature is refused, with the names that there are', async () => {
    const baseline = await baselineOf(world.ports, world.champion);
    const { policy } = world.policy;
    const spec = { ...policy.spec, drift: { ...policy.spec.drift, slices: { features: ['y'], values: 20 } } };
    expect(() => watchedSlices({ spec }, baseline)).toThrow('drift.slices.features names y; the features are x');
  });

  test('a champion whose baseline was counted without slices is judged as before, and says what it lacks', async () => {
    const { inSlices, ...before } = await baselineOf(world.ports, world.champion);
    expect(present(inSlices).features).toEqual(['x']);
    const window = { from: `${dayName(10)}T00:00:00.000Z`, until: `${dayName(17)}T00:00:00.000Z` };
    const against = { applied: world.policy, baseline: before };
    const { findings, verdict } = present((await judgeWindows(world.ports, against, [window], unwatched))[0]);
    expect(findings.filter(({ criterion }) => criterion.slice.length > 0)).toEqual([]);
    expect(findings.filter(({ reason }) => reason === 'suppressed-slice')).toMatchObject([
      {
        judged: 'inconclusive',
        sentence: expect.stringMatching(/^x by g: the champion's baseline was counted before/),
      },
    ]);
    expect(verdict.verdict).toBe('steady');
  });
});
