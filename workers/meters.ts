import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import { DATA_SOURCES, DATA_VERDICTS } from '../activities/telemetry.ts';
import { DATA_KINDS, DATA_WORDS } from '../scorecards/data-checks/finding.ts';
import { REFUSAL_CODES } from '../scorecards/decision.ts';
import { OUTCOMES, STAGES, TRIGGER_KINDS } from '../scorecards/vocabulary.ts';

const WAITS = [1, 5, 15, 60, 300, 900, 3600, 4 * 3600, 24 * 3600, 72 * 3600];
const RESTORES = [1, 2, 3, 5, 8, 10, 15, 20, 30, 40, 60, 120, 300];

/** Every metric of ours with its help text, zero-initialised where the label values are known. */
export function defineMeters() {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'understudy_' });
  const registers = [registry];
  const meters = {
    registry,
    ...countsOf(registers),
    ...spendingOf(registers),
    ...timesOf(registers),
    ...dataOf(registers),
    ...windowOf(registers),
    ...levelsOf(registers),
    ...championOf(registers),
  };
  for (const source of TRIGGER_KINDS) meters.triggers.labels(source, 'suppressed').inc(0);
  for (const reason of REFUSAL_CODES) meters.refused.labels(reason).inc(0);
  for (const source of DATA_SOURCES)
    for (const verdict of DATA_VERDICTS) meters.dataChecks.labels(source, verdict).inc(0);
  for (const kind of DATA_KINDS) for (const word of DATA_WORDS) meters.dataFindings.labels(kind, word).inc(0);
  for (const stage of STAGES) meters.stageSeconds.zero({ stage, outcome: 'done' });
  for (const outcome of OUTCOMES) meters.runSeconds.zero({ outcome });
  return meters;
}

/** What happened. */
function countsOf(registers: Registry[]) {
  return {
    runs: new Counter({
      name: 'understudy_lifecycle_total',
      help: 'Runs that ended, by outcome and trigger.',
      labelNames: ['model', 'outcome', 'trigger'],
      registers,
    }),
    triggers: new Counter({
      name: 'understudy_triggers_total',
      help: 'Triggers by source and decision.',
      labelNames: ['source', 'result'],
      registers,
    }),
    refused: new Counter({
      name: 'understudy_approval_rejected_total',
      help: 'Decisions that were refused, by reason.',
      labelNames: ['reason'],
      registers,
    }),
  };
}

/** What trainings used: by model and team, whether they left a model or not. */
function spendingOf(registers: Registry[]) {
  return {
    trainingSeconds: new Counter({
      name: 'understudy_training_seconds_total',
      help: 'Seconds in which trainers ran, by model and team (none: the policy names no team).',
      labelNames: ['model', 'team'],
      registers,
    }),
    gpuSeconds: new Counter({
      name: 'understudy_training_gpu_seconds_total',
      help: 'Running seconds times accelerators of trainings, by model and team.',
      labelNames: ['model', 'team'],
      registers,
    }),
    cost: new Counter({
      name: 'understudy_training_cost_total',
      help: 'Cost of trainings at the prices of the settings, by model, team and currency.',
      labelNames: ['model', 'team', 'currency'],
      registers,
    }),
    lastCost: new Gauge({
      name: 'understudy_training_last_run_cost',
      help: 'Cost of the newest training, by model, team and currency.',
      labelNames: ['model', 'team', 'currency'],
      registers,
    }),
  };
}

/** How long it took. */
function timesOf(registers: Registry[]) {
  return {
    runSeconds: new Histogram({
      name: 'understudy_lifecycle_duration_seconds',
      help: 'Time from trigger to end of a run.',
      labelNames: ['outcome'],
      buckets: WAITS,
      registers,
    }),
    stageSeconds: new Histogram({
      name: 'understudy_stage_duration_seconds',
      help: 'Time of one stage, human wait included.',
      labelNames: ['stage', 'outcome'],
      buckets: WAITS,
      registers,
    }),
    human: new Histogram({
      name: 'understudy_human_wait_seconds',
      help: 'Time a run waited for a person.',
      labelNames: ['kind'],
      buckets: WAITS,
      registers,
    }),
    rollback: new Histogram({
      name: 'understudy_rollback_duration_seconds',
      help: 'From the look that saw the breach to a quiet challenger.',
      labelNames: ['cause'],
      buckets: RESTORES,
      registers,
    }),
  };
}

/** What the checks of data found. Labels are closed lists; models are named only where data failed. */
function dataOf(registers: Registry[]) {
  return {
    dataChecks: new Counter({
      name: 'understudy_data_checks_total',
      help: 'Times that data were checked, by source (snapshot: what a run trains on; served: what its server was asked) and verdict.',
      labelNames: ['source', 'verdict'],
      registers,
    }),
    dataFindings: new Counter({
      name: 'understudy_data_findings_total',
      help: 'Findings of these checks, by kind (quality, schema, skew) and verdict; all findings of served data are of kind skew.',
      labelNames: ['kind', 'verdict'],
      registers,
    }),
    dataFailed: new Gauge({
      name: 'understudy_data_failed_timestamp_seconds',
      help: 'When data of a model last failed checks of a kind; of all models the newest hundred.',
      labelNames: ['model', 'kind'],
      registers,
    }),
  };
}

/** How the newest window of drift was judged. */
function windowOf(registers: Registry[]) {
  return {
    verdict: new Gauge({
      name: 'understudy_drift_verdict',
      help: 'How the newest window was judged: 0 steady, 1 warn, 2 inconclusive, 3 drift, 4 blocked.',
      labelNames: ['model'],
      registers,
    }),
    windowEnd: new Gauge({
      name: 'understudy_drift_window_end_timestamp_seconds',
      help: 'End of the newest window that was judged: how old what is known of drift is.',
      labelNames: ['model'],
      registers,
    }),
    windowRows: new Gauge({
      name: 'understudy_drift_rows',
      help: 'Rows that the newest window and the baseline were judged from.',
      labelNames: ['model', 'side'],
      registers,
    }),
    features: new Gauge({
      name: 'understudy_drift_feature_ratio',
      help: 'The farthest features of the newest windows, at most five of a model and a hundred of all: distance divided by its limit, 1 is drift.',
      labelNames: ['model', 'feature'],
      registers,
    }),
  };
}

/** How things stand now. */
function levelsOf(registers: Registry[]) {
  return {
    drift: new Gauge({
      name: 'understudy_drift_score',
      help: 'Worst feature of the newest window.',
      labelNames: ['model', 'test'],
      registers,
    }),
    breached: new Gauge({
      name: 'understudy_drift_features_breached',
      help: 'Features in breach in the newest window.',
      labelNames: ['model'],
      registers,
    }),
    weight: new Gauge({
      name: 'understudy_canary_weight_ratio',
      help: 'Share of live traffic asked for the challenger, 0 to 1.',
      labelNames: ['model'],
      registers,
    }),
    polling: new Gauge({
      name: 'understudy_worker_polling',
      help: '1 while a worker polls the queue.',
      labelNames: ['queue'],
      registers,
    }),
  };
}

/** How the champion does on rows whose labels are known. Labels: models and the closed list of metrics. */
function championOf(registers: Registry[]) {
  return {
    performance: new Gauge({
      name: 'understudy_performance',
      help: 'Metric of the champion on its newest labelled window; of gaps between groups the worst of all slice columns.',
      labelNames: ['model', 'metric'],
      registers,
    }),
    estimate: new Gauge({
      name: 'understudy_performance_estimate',
      help: 'The same metric estimated for the newest rows from their scores alone, assuming calibration holds.',
      labelNames: ['model', 'metric'],
      registers,
    }),
    coverage: new Gauge({
      name: 'understudy_label_coverage_ratio',
      help: 'Share of the rows of the newest labelled window that have a label, 0 to 1.',
      labelNames: ['model'],
      registers,
    }),
    performanceBreached: new Gauge({
      name: 'understudy_performance_breached',
      help: '1 while the newest window breaks a rule on labels, by kind: concept, fairness, divergence of a KPI.',
      labelNames: ['model', 'kind'],
      registers,
    }),
  };
}
