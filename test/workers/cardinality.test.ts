import { expect, test } from '@jest/globals';
import { ESTIMATED_METRICS, FAIRNESS_METRICS, LABELLED_METRICS } from '../../scorecards/performance/metrics.ts';
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
