import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { baselineOf } from '../../activities/baseline.ts';
import { getJson, putJson } from '../../activities/context.ts';
import { judgeWindows } from '../../activities/drift-check.ts';
import type { JudgedWindow } from '../../activities/drift-windows.ts';
import type { RunRecord } from '../../scorecards/records/run-record.ts';
import type { Champion } from '../../scorecards/run.ts';
import { unwatched } from '../contracts/data-store/world.ts';
import { present } from '../present.ts';
import { createScoredWorld, dayName, SCORED_DATA } from './scored-world.ts';

const observations = { ...SCORED_DATA.observations, score: 'answer' };
/** Minutes of delay, say: neither between 0 and 1 nor called a score. */
const MINUTES = '500 * x + 40';
let world: Awaited<ReturnType<typeof createScoredWorld>>;
beforeAll(async () => {
  const spec = { data: { ...SCORED_DATA, observations }, drift: {} };
  world = await createScoredWorld(spec, { task: 'regression', answer: MINUTES });
  for (let index = 10; index < 24; index += 1) await world.write(index, { labelled: 0 });
}, 120_000);
afterAll(() => world.dispose());

const answersIn = ({ findings }: JudgedWindow) =>
  findings
    .filter(({ criterion }) => criterion.kind === 'prediction')
    .map(({ criterion, judged, level, measurement }) => [criterion.name, judged, level, measurement?.n]);
const newest = async (index: number): Promise<JudgedWindow> => {
  const { report } = await world.measure(index);
  return present((await getJson<readonly JudgedWindow[]>(world.ports.evidence, report)).at(-1));
};
const week = (until: number) => ({
  from: `${dayName(until - 7)}T00:00:00.000Z`,
  until: `${dayName(until)}T00:00:00.000Z`,
});
const judged = async (champion: Champion, until: number) => {
  const baseline = await baselineOf(world.ports, champion);
  const of = { applied: world.policy, baseline, champion, asOf: `${dayName(until)}T06:00:00.000Z` };
  return present((await judgeWindows(world.ports, of, [week(until)], unwatched))[0]);
};

describe('answers that are numbers', () => {
  test('MO5: that lie as on the holdout are calm, all rows of the holdout against all of the window', async () => {
    expect(answersIn(await newest(17))).toEqual([
      ['answer ks', 'pass', 'none', { current: 4200, baseline: 2400 }],
      ['answer psi', 'pass', 'none', { current: 4200, baseline: 2400 }],
    ]);
  });

  test('MO5: that moved are drift of predictions before any label is there, while no feature moved', async () => {
    for (let index = 17; index < 24; index += 1) await world.write(index, { labelled: 0, answer: `${MINUTES} + 300` });
    const found = await newest(24);
    expect(answersIn(found).map(([name, , level]) => [name, level])).toEqual([
      ['answer ks', 'breach'],
      ['answer psi', 'breach'],
    ]);
    expect(found.verdict.byKind).toMatchObject({ data: 'steady', prediction: 'drift' });
    expect(present(found.findings.find(({ criterion }) => criterion.name === 'answer psi')).sentence).toMatch(
      /^answer: PSI \d.*4,200 rows against 2,400\)\. Drift\.$/,
    );
  });

  test('of another version are not counted as those of the champion', async () => {
    for (const index of [15, 16]) await world.write(index, { version: '2' });
    expect(answersIn(await judged(world.champion, 17)).map(([, , , n]) => n)).toEqual([
      { current: 3000, baseline: 2400 },
      { current: 3000, baseline: 2400 },
    ]);
    for (const index of [15, 16]) await world.write(index);
  });

  test('of a champion whose holdout nobody kept are missing, never calm', async () => {
    const record = await getJson<RunRecord>(world.ports.evidence, world.champion.record);
    const older = await putJson(world.ports.evidence, {
      ...record,
      run: { ...record.run, id: 'retrain/churn/before' },
    });
    const { findings, verdict } = await judged({ ...world.champion, record: older }, 17);
    expect(findings.filter(({ criterion }) => criterion.kind === 'prediction')).toMatchObject([
      { judged: 'missing', reason: 'no-data' },
      { judged: 'missing', reason: 'no-data' },
    ]);
    expect(verdict.byKind.prediction).toBe('inconclusive');
  });
});
