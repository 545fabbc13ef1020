import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { getJson } from '../../activities/context.ts';
import type { DriftResult } from '../../activities/drift.ts';
import type { JudgedPerformance } from '../../activities/performance.ts';
import type { PerformanceLine } from '../../scorecards/performance/performance-line.ts';
import { createScoredWorld, dayName, type ScoredDay } from './scored-world.ts';

type World = Awaited<ReturnType<typeof createScoredWorld>>;

const lineOf = (result: DriftResult, metric: PerformanceLine['metric']) =>
  result.performance?.lines.find((line) => line.metric === metric);

function must<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('a number that must be there is not');
  return value;
}

describe('performance of the champion in the drift stage', () => {
  let world: World;
  beforeAll(async () => {
    world = await createScoredWorld();
  });
  afterAll(() => world.dispose());

  const write = async (from: number, until: number, day: ScoredDay = {}) => {
    for (let index = from; index < until; index += 1) await world.write(index, day);
  };
  const findings = async (result: DriftResult) =>
    (await getJson<readonly JudgedPerformance[]>(world.ports.evidence, result.report)).at(-1)?.findings ?? [];
  const concept = async (result: DriftResult) =>
    (await findings(result)).filter(({ criterion }) => criterion.kind === 'concept');

  test('MO6: labels that flip while all inputs stay steady are concept drift and retrain', async () => {
    await write(10, 14, { flipped: true });
    const result = await world.measure(14);
    expect(result).toMatchObject({ verdict: 'drift', response: 'retrain', fires: true });
    expect(result.reason).toContain('concept');
    const [auc] = await concept(result);
    expect(auc).toMatchObject({ judged: 'fail', level: 'breach', criterion: { metric: 'auc', kind: 'concept' } });
    const inputs = (await findings(result)).filter(({ criterion }) => criterion.kind === 'data');
    expect(inputs.map(({ judged }) => judged)).toEqual(['pass', 'pass']);
  });

  test('a steady champion holds, and its numbers stand beside those of its holdout', async () => {
    await write(10, 14);
    const result = await world.measure(14);
    expect(result).toMatchObject({ verdict: 'steady', fires: false });
    const auc = lineOf(result, 'auc');
    expect(Math.abs(must(auc?.realised).value - must(auc?.holdout).value)).toBeLessThan(0.05);
    expect(lineOf(result, 'f1')?.realised?.value).toBeGreaterThan(0.5);
    expect(lineOf(result, 'equalizedOdds')).toMatchObject({ by: 'g', realised: { n: expect.any(Number) } });
  });

  test('MO13: every labelled window is exported as metrics, with what breaks a rule', async () => {
    await write(10, 14, { flipped: true, labelled: 0.8 });
    await world.measure(14);
    const exposed = await world.telemetry.registry.metrics();
    expect(exposed).toMatch(/^understudy_performance{model="churn",metric="auc"} 0\.1/m);
    expect(exposed).toMatch(/^understudy_performance{model="churn",metric="equalizedOdds"} 0\.0/m);
    expect(exposed).toMatch(/^understudy_performance_estimate{model="churn",metric="auc"} 0\.8/m);
    expect(exposed).toMatch(/^understudy_label_coverage_ratio{model="churn"} 0\.(7|8)/m);
    expect(exposed).toContain('understudy_performance_breached{model="churn",kind="concept"} 1');
    expect(exposed).toContain('understudy_performance_breached{model="churn",kind="fairness"} 0');
  });

  test('DA5: rows younger than the maturity enter no labelled number, and the sentence says where labels end', async () => {
    await write(10, 14);
    const result = await world.measure(14);
    // As of the 15th, 06:00, with a day of maturity, the last mature day is the 13th; labels are known after an hour.
    expect(result.performance?.labelled).toEqual({
      from: `${dayName(11)}T00:00:00.000Z`,
      until: `${dayName(13)}T00:00:00.000Z`,
    });
    expect(result.performance?.coverage).toMatchObject({ rows: 1200, labelled: 1200, share: 1 });
    const [auc] = await concept(result);
    expect(auc?.sentence).toContain(`from ${dayName(11)} until ${dayName(13)}, 100 % of all`);
  });

  test('DA5: labels that come late score the same window anew', async () => {
    await write(10, 14, { labelled: 0.2 });
    const before = await world.measure(14);
    expect(before).toMatchObject({
      verdict: 'inconclusive',
      performance: { coverage: { labelled: expect.any(Number) } },
    });
    expect((await concept(before))[0]).toMatchObject({ judged: 'inconclusive', reason: 'labels-immature' });
    await write(10, 14, { flipped: true });
    const after = await world.measure(14);
    expect(after).toMatchObject({ verdict: 'drift', performance: { coverage: { share: 1 } } });
  });

  test('MO5: no labels at all are missing evidence, and estimates still stand', async () => {
    await write(10, 14, { labelled: 0 });
    const result = await world.measure(14);
    expect(result.verdict).toBe('inconclusive');
    expect((await concept(result))[0]).toMatchObject({ judged: 'inconclusive', reason: 'labels-immature' });
    expect(lineOf(result, 'auc')).toMatchObject({
      estimate: { value: expect.any(Number), band: { low: expect.any(Number) } },
    });
    expect(lineOf(result, 'auc')?.estimateError).toBeUndefined();
  });

  test('once labels come, an estimate is told with its error', async () => {
    await write(10, 14);
    const auc = lineOf(await world.measure(14), 'auc');
    expect(Math.abs(must(auc?.estimateError))).toBeLessThan(0.03);
    const estimated = (await findings(await world.measure(14))).filter(({ measurement }) =>
      measurement?.marks?.includes('estimate'),
    );
    expect(estimated.map(({ criterion }) => criterion.metric)).toEqual(['estimatedAuc']);
    expect(estimated[0]?.sentence).toContain('estimated, assuming calibration holds');
  });

  test('DA5: numbers that rest on surrogate labels are marked', async () => {
    await write(10, 14, { surrogate: true });
    const [auc] = await concept(await world.measure(14));
    expect(auc?.measurement?.marks).toEqual(['surrogate-labels']);
    expect(auc?.sentence).toContain('1,200 of them surrogates');
  });

  test('rows that another version answered say nothing about the champion', async () => {
    await write(10, 14, { version: '0', flipped: true });
    const [auc] = await concept(await world.measure(14));
    expect(auc).toMatchObject({ judged: 'missing', reason: 'no-data' });
    expect(auc?.sentence).toContain('that version 1 answered (');
  });
});

describe('estimates by slice in the drift stage', () => {
  let world: World;
  beforeAll(async () => {
    const criteria = [{ metric: 'auc', by: 'g', noWorseBy: 0.05 } as const];
    world = await createScoredWorld({
      drift: { window: '2d', persistence: { windows: 1, of: 1 }, minimum: 100, performance: { criteria } },
    });
  });
  afterAll(() => world.dispose());

  const measured = async (day: ScoredDay) => {
    for (let index = 10; index < 14; index += 1) await world.write(index, day);
    const result = await world.measure(14);
    const windows = await getJson<readonly JudgedPerformance[]>(world.ports.evidence, result.report);
    const estimated = (windows.at(-1)?.findings ?? []).filter(({ criterion }) => criterion.metric === 'estimatedAuc');
    return { estimated, result, slices: result.performance?.slices ?? [] };
  };
  const aucOf = ({ lines }: { readonly lines: readonly PerformanceLine[] }) =>
    lines.find(({ metric }) => metric === 'auc');

  test('MO5: before any label there is an estimate for each value of the slice, marked as one', async () => {
    const { estimated, slices } = await measured({ labelled: 0 });
    expect(
      estimated.map(({ criterion, judged, measurement }) => [criterion.slice, judged, measurement?.marks]),
    ).toEqual([
      [[{ column: 'g', value: 'a' }], 'pass', ['estimate']],
      [[{ column: 'g', value: 'b' }], 'pass', ['estimate']],
    ]);
    expect(new Set(slices.map(({ rows, labelled, value }) => `${value} ${rows} ${labelled}`))).toEqual(
      new Set(['a 400 0', 'b 800 0']),
    );
    expect(slices.map((slice) => aucOf(slice)?.estimateError)).toEqual([undefined, undefined]);
  });

  test('MO5: once labels come, each is told with its error', async () => {
    const { slices } = await measured({});
    expect(slices).toHaveLength(2);
    for (const slice of slices) expect(Math.abs(must(aucOf(slice)?.estimateError))).toBeLessThan(0.05);
  });

  test('MO5: rows that move into where scores rank badly lower the estimate of their slice, and of no other', async () => {
    const valuesOf = async (day: ScoredDay) =>
      (await measured({ labelled: 0, ...day })).estimated.map(({ measurement }) => must(measurement).value);
    const [a = 0, b = 0] = await valuesOf({});
    const [moved = 0, same = 0] = await valuesOf({ shift: 1.2, shifted: 'a' });
    expect(moved).toBeLessThan(a - 0.01);
    expect(same).toBe(b);
  });
});

describe('a KPI that falls while the offline metrics hold', () => {
  const KPI = { name: 'revenue per visit', column: 'revenue', worseBy: '10%' } as const;
  let world: World;
  beforeAll(async () => {
    world = await createScoredWorld({
      drift: { window: '2d', persistence: { windows: 1, of: 1 }, minimum: 100, kpi: KPI },
    });
  });
  afterAll(() => world.dispose());

  const measured = async (day: ScoredDay) => {
    world.notices.length = 0;
    for (let index = 10; index < 14; index += 1) await world.write(index, day);
    const result = await world.measure(14);
    const windows = await getJson<readonly JudgedPerformance[]>(world.ports.evidence, result.report);
    const found = windows.at(-1)?.findings.find(({ criterion }) => criterion.kind === 'divergence');
    return { result, found };
  };

  test('DA9: is an alert of its own kind and starts no retraining', async () => {
    const { found, result } = await measured({ revenue: 0.7 });
    expect(found).toMatchObject({ judged: 'fail', level: 'breach', criterion: { metric: 'kpi', column: 'revenue' } });
    expect(result).toMatchObject({ verdict: 'warn', response: 'ignore', fires: false });
    expect(world.notices).toEqual([
      {
        key: 'churn/divergence/v1',
        severity: 'ticket',
        model: 'churn',
        run: `retrain/churn/${dayName(14)}`,
        title: "churn: the business falls while the model's own numbers hold",
        text: expect.stringContaining('Labels or attribution may be wrong; no retraining follows.'),
      },
    ]);
    expect(found?.sentence).toContain('30 % worse, told from 10 %; 1 performance criterion holds');
  });

  test('DA9: that falls together with the offline metrics is concept drift and no divergence', async () => {
    const { found, result } = await measured({ revenue: 0.7, flipped: true });
    expect(found).toMatchObject({ judged: 'pass', level: 'none' });
    expect(found?.sentence).toContain('the offline metrics fell too');
    expect(result).toMatchObject({ verdict: 'drift', response: 'retrain', fires: true });
    expect(world.notices).toEqual([]);
  });

  test('DA9: is not told before labels say whether the metrics hold', async () => {
    const { found } = await measured({ revenue: 0.7, labelled: 0 });
    expect(found).toMatchObject({ judged: 'inconclusive' });
    expect(world.notices).toEqual([]);
  });

  test('a KPI that holds is a finding that passes', async () => {
    const { found, result } = await measured({ revenue: 0.97 });
    expect(found).toMatchObject({ judged: 'pass', level: 'none', reason: 'within-bound' });
    expect(result.verdict).toBe('steady');
  });
});
