import { expect, test } from '@jest/globals';
import { DATA_SOURCES, DATA_VERDICTS } from '../../activities/telemetry.ts';
import { ESTIMATED_METRICS, FAIRNESS_METRICS, LABELLED_METRICS } from '../../scorecards/performance/metrics.ts';
import { DATA_KINDS, DATA_WORDS } from '../../scorecards/data-checks/finding.ts';
import { OUTCOMES, STAGES, TRIGGER_KINDS } from '../../scorecards/vocabulary.ts';
import { createTelemetry } from '../../workers/telemetry.ts';

const MODELS = 200;

/** Everything that a worker can say of one model. */
function tellAll(model: string, telemetry: ReturnType<typeof createTelemetry>): void {
  for (const outcome of OUTCOMES)
    for (const trigger of TRIGGER_KINDS) telemetry.runEnded({ model, outcome, trigger, seconds: 1 });
  for (const stage of STAGES) telemetry.stageEnded({ model, stage, outcome: 'done', seconds: 1 });
  for (const psi of ['psi', 'ks'] as const) telemetry.driftMeasured({ model, test: psi, value: 0.1, breached: 1 });
  for (const window of ['first', 'second'])
    telemetry.windowJudged({
      model,
      verdict: 'drift',
      until: 1e9,
      rows: { current: 1, baseline: 1 },
      features: Array.from({ length: 5 }, (_, index) => ({ feature: `${window}-${index}`, ratio: 1 })),
    });
  const valued = (metrics: readonly string[]) => Object.fromEntries(metrics.map((metric) => [metric, 0.5]));
  const [realised, estimated] = [valued([...LABELLED_METRICS, ...FAIRNESS_METRICS]), valued(ESTIMATED_METRICS)];
  const breached = { concept: true, fairness: false, divergence: false };
  telemetry.championMeasured({ model, coverage: 1, realised, estimated, breached });
  telemetry.trainingBooked({
    model,
    team: 'growth',
    runSeconds: 1,
    gpuSeconds: 1,
    cost: { amount: 1, currency: 'EUR' },
  });
  const findings = DATA_KINDS.flatMap((kind) => DATA_WORDS.map((word) => ({ kind, word, count: 1 })));
  for (const source of DATA_SOURCES)
    for (const verdict of DATA_VERDICTS) telemetry.dataChecked({ model, source, verdict, findings });
  telemetry.weightSet({ model, ratio: 0.05 });
}

test('MO9: 200 models of which everything was said make fewer than 20,000 series, and no label names a run or a user', async () => {
  const telemetry = createTelemetry();
  for (let index = 0; index < MODELS; index += 1) tellAll(`model-${index}`, telemetry);
  const series = (await telemetry.registry.metrics()).split('\n').filter((line) => /^[a-z]/.test(line));
  expect(series.length).toBeGreaterThan(MODELS);
  expect(series.length).toBeLessThan(20_000);
  const labels = new Set(series.flatMap((line) => [...line.matchAll(/[{,](\w+)="/g)].map(([, name]) => name)));
  const perRun = [...labels].filter((name) => /run|digest|user|approver|version|id$/.test(String(name)));
  // Of Node.js, not of a model: the client library says it of its own process.
  expect(perRun).toEqual(['version']);
});

test('MO5: of a window its word, end, rows and farthest features are shown, and nothing of the window before', async () => {
  const telemetry = createTelemetry();
  const told = { model: 'churn', until: 1e9, rows: { current: 700, baseline: 4000 } };
  telemetry.windowJudged({ ...told, verdict: 'drift', features: [{ feature: 'fare', ratio: 1.5 }] });
  telemetry.windowJudged({ ...told, verdict: 'warn', features: [{ feature: 'hour', ratio: 0.6 }] });
  const series = (await telemetry.registry.metrics()).split('\n');
  expect(series.filter((line) => line.startsWith('understudy_drift_'))).toEqual([
    'understudy_drift_verdict{model="churn"} 1',
    'understudy_drift_window_end_timestamp_seconds{model="churn"} 1000000000',
    'understudy_drift_rows{model="churn",side="current"} 700',
    'understudy_drift_rows{model="churn",side="baseline"} 4000',
    'understudy_drift_feature_ratio{model="churn",feature="hour"} 0.6',
  ]);
});

test('DA3: findings of data are counted by kind and verdict, those of served data as skew; a model is named where they fail', async () => {
  const telemetry = createTelemetry();
  const of = { model: 'churn', source: 'snapshot' } as const;
  const shown = async () =>
    (await telemetry.registry.metrics()).split('\n').filter((line) => line.startsWith('understudy_data_'));
  // Counters begin at nought: the first failure is an increase.
  expect(new Set((await shown()).map((line) => line.split(' ').at(-1)))).toEqual(new Set(['0']));
  telemetry.dataChecked({ ...of, verdict: 'fail', findings: [{ kind: 'schema', word: 'fail', count: 2 }] });
  telemetry.dataChecked({
    ...of,
    model: 'fraud',
    verdict: 'warn',
    findings: [{ kind: 'quality', word: 'warn', count: 1 }],
  });
  telemetry.dataChecked({
    ...of,
    source: 'served',
    verdict: 'fail',
    findings: [
      { kind: 'schema', word: 'pass', count: 1 },
      { kind: 'skew', word: 'missing', count: 3 },
    ],
  });
  const series = (await shown()).filter((line) => !line.endsWith(' 0'));
  expect(series.map((line) => line.replace(/ [\d.]{10,}$/, ' now'))).toEqual([
    'understudy_data_checks_total{source="snapshot",verdict="warn"} 1',
    'understudy_data_checks_total{source="snapshot",verdict="fail"} 1',
    'understudy_data_checks_total{source="served",verdict="fail"} 1',
    'understudy_data_findings_total{kind="quality",verdict="warn"} 1',
    'understudy_data_findings_total{kind="schema",verdict="fail"} 2',
    'understudy_data_findings_total{kind="skew",verdict="pass"} 1',
    'understudy_data_findings_total{kind="skew",verdict="missing"} 3',
    'understudy_data_failed_timestamp_seconds{model="churn",kind="schema"} now',
    'understudy_data_failed_timestamp_seconds{model="churn",kind="skew"} now',
  ]);
});

test('MO9: of the models whose data failed the newest hundred are named', async () => {
  const telemetry = createTelemetry();
  const findings = [{ kind: 'quality', word: 'fail', count: 1 }] as const;
  const fail = (index: number) =>
    telemetry.dataChecked({ model: `model-${index}`, source: 'snapshot', verdict: 'fail', findings });
  for (let index = 0; index < 100; index += 1) fail(index);
  fail(0);
  fail(100);
  const named = [...(await telemetry.registry.metrics()).matchAll(/^understudy_data_failed\w+{model="model-(\d+)"/gm)];
  const numbers = named.map(([, index]) => Number(index));
  expect(numbers).toHaveLength(100);
  expect([0, 1, 2, 100].filter((index) => numbers.includes(index))).toEqual([0, 2, 100]);
});

test('a metric that is not known any more is not shown as it was', async () => {
  const telemetry = createTelemetry();
  const told = {
    model: 'churn',
    coverage: 1,
    estimated: {},
    breached: { concept: false, fairness: false, divergence: false },
  };
  telemetry.championMeasured({ ...told, realised: { auc: 0.8, f1: 0.5 } });
  telemetry.championMeasured({ ...told, coverage: 0.1, realised: { auc: 0.7 } });
  const shown = await telemetry.registry.metrics();
  expect(shown).toContain('understudy_performance{model="churn",metric="auc"} 0.7');
  expect(shown).not.toContain('metric="f1"');
});
