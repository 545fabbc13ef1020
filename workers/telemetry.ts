import type { Gauge, Registry } from 'prom-client';
import type { Telemetry } from '../activities/telemetry.ts';
import { defineMeters } from './meters.ts';

export interface Meters extends Telemetry {
  readonly registry: Registry;
  readonly polling: Gauge<'queue'>;
}

/** Prometheus metrics of one worker process. Labels come from closed sets; models are named by their policies. */
export function createTelemetry(): Meters {
  const {
    registry,
    runs,
    runSeconds,
    stageSeconds,
    human,
    triggers,
    drift,
    breached,
    weight,
    rollback,
    refused,
    polling,
  } = defineMeters();
  return {
    registry,
    polling,
    triggerDecided: (record) => triggers.labels(record.trigger.kind, record.decision).inc(),
    runEnded: ({ model, outcome, trigger, seconds }) => {
      runs.labels(model, outcome, trigger).inc();
      runSeconds.labels(outcome).observe(seconds);
    },
    stageEnded: ({ stage, outcome, seconds }) => stageSeconds.labels(stage, outcome).observe(seconds),
    driftMeasured: ({ model, test, value, breached: count }) => {
      drift.labels(model, test).set(value);
      breached.labels(model).set(count);
    },
    weightSet: ({ model, ratio }) => weight.labels(model).set(ratio),
    rolledBack: ({ cause, seconds }) => rollback.labels(cause).observe(seconds),
    humanWaited: ({ kind, seconds }) => human.labels(kind).observe(seconds),
    decisionRefused: ({ reason }) => refused.labels(reason).inc(),
  };
}
