import type { Gauge, Registry } from 'prom-client';
import type { Telemetry } from '../activities/telemetry.ts';
import { defineMeters } from './meters.ts';

export interface Meters extends Telemetry {
  readonly registry: Registry;
  readonly polling: Gauge<'queue'>;
}

/** Prometheus metrics of one worker process. Labels come from closed sets; models are named by their policies. */
export function createTelemetry(): Meters {
  const meters = defineMeters();
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
    championMeasured: ({ model, coverage, realised, estimated, breached }) => {
      meters.coverage.labels(model).set(coverage);
      for (const [metric, value] of Object.entries(realised)) meters.performance.labels(model, metric).set(value);
      for (const [metric, value] of Object.entries(estimated)) meters.estimate.labels(model, metric).set(value);
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
