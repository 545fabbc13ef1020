import type { Gauge, Registry } from 'prom-client';
import type { Telemetry } from '../activities/telemetry.ts';
import { ESTIMATED_METRICS, FAIRNESS_METRICS, LABELLED_METRICS } from '../scorecards/performance/metrics.ts';
import type { DataKind, DataWord } from '../scorecards/data-checks/finding.ts';
import { DRIFT_WORDS } from '../scorecards/drift/verdict.ts';
import { defineMeters } from './meters.ts';

export interface Meters extends Telemetry {
  readonly registry: Registry;
  readonly polling: Gauge<'queue'>;
}

const FAILING: ReadonlySet<DataWord> = new Set<DataWord>(['fail', 'inconclusive', 'missing']);
const MEASURED = [...LABELLED_METRICS, ...FAIRNESS_METRICS];

/** What is not known any more is not shown as it was. */
function show(
  gauge: Gauge<'model' | 'metric'>,
  labels: [model: string, metric: string],
  value: number | undefined,
): void {
  if (value === undefined) gauge.remove(...labels);
  else gauge.labels(...labels).set(value);
}

/** Of all models together: names of features are a policy's own, so their series are counted. */
const MOST_FEATURES = 100;

const MOST_FAILURES = 100;

/** When data of a model last failed, by kind; the oldest make room, so that the series stay few. */
function newestFailures(gauge: Gauge<'model' | 'kind'>) {
  const noted = new Map<string, readonly [model: string, kind: DataKind]>();
  return {
    note(model: string, kind: DataKind): void {
      const key = `${kind} ${model}`;
      // Said again, it is the newest.
      noted.delete(key);
      noted.set(key, [model, kind]);
      gauge.labels(model, kind).set(Date.now() / 1000);
      const [oldest] = noted;
      if (noted.size <= MOST_FAILURES || oldest === undefined) return;
      noted.delete(oldest[0]);
      gauge.remove(...oldest[1]);
    },
  };
}

/** Prometheus metrics of one worker process. Labels come from closed sets; models are named by their policies. */
export function createTelemetry(): Meters {
  const meters = defineMeters();
  /** By model, of its newest window. */
  const farthest = new Map<string, readonly { readonly feature: string; readonly ratio: number }[]>();
  const failures = newestFailures(meters.dataFailed);
  return {
    registry: meters.registry,
    polling: meters.polling,
    triggerDecided: (record) => meters.triggers.labels(record.trigger.kind, record.decision).inc(),
    runEnded: ({ model, outcome, trigger, seconds }) => {
      meters.runs.labels(model, outcome, trigger).inc();
      meters.runSeconds.labels(outcome).observe(seconds);
    },
    stageEnded: ({ stage, outcome, seconds }) => meters.stageSeconds.labels(stage, outcome).observe(seconds),
    driftMeasured: ({ model, test, value, breached: count }) => {
      meters.drift.labels(model, test).set(value);
      meters.breached.labels(model).set(count);
    },
    dataChecked: ({ model, source, verdict, findings }) => {
      meters.dataChecks.labels(source, verdict).inc();
      for (const { kind, word, count } of findings) {
        const shown = source === 'served' ? 'skew' : kind;
        meters.dataFindings.labels(shown, word).inc(count);
        if (FAILING.has(word)) failures.note(model, shown);
      }
    },
    windowJudged: ({ model, verdict, until, rows, features }) => {
      meters.verdict.labels(model).set(DRIFT_WORDS.indexOf(verdict));
      meters.windowEnd.labels(model).set(until);
      for (const [side, count] of Object.entries(rows)) meters.windowRows.labels(model, side).set(count);
      farthest.set(model, features);
      const all = [...farthest].flatMap(([name, some]) => some.map((one) => ({ name, ...one })));
      meters.features.reset();
      for (const { name, feature, ratio } of all.toSorted((a, b) => b.ratio - a.ratio).slice(0, MOST_FEATURES))
        meters.features.labels(name, feature).set(ratio);
    },
    championMeasured: ({ model, coverage, realised, estimated, breached }) => {
      meters.coverage.labels(model).set(coverage);
      for (const metric of MEASURED) show(meters.performance, [model, metric], realised[metric]);
      for (const metric of ESTIMATED_METRICS) show(meters.estimate, [model, metric], estimated[metric]);
      for (const [kind, is] of Object.entries(breached)) meters.performanceBreached.labels(model, kind).set(Number(is));
    },
    trainingBooked: ({ model, team, runSeconds, gpuSeconds, cost }) => {
      meters.trainingSeconds.labels(model, team).inc(runSeconds);
      meters.gpuSeconds.labels(model, team).inc(gpuSeconds);
      if (!cost) return;
      meters.cost.labels(model, team, cost.currency).inc(cost.amount);
      meters.lastCost.labels(model, team, cost.currency).set(cost.amount);
    },
    weightSet: ({ model, ratio }) => meters.weight.labels(model).set(ratio),
    rolledBack: ({ cause, seconds }) => meters.rollback.labels(cause).observe(seconds),
    humanWaited: ({ kind, seconds }) => meters.human.labels(kind).observe(seconds),
    decisionRefused: ({ reason }) => meters.refused.labels(reason).inc(),
  };
}
