import { PortFailure } from '../../activities/ports/port-failure.ts';
import type {
  AbsenceReason,
  InstantAnswer,
  InstantQuestion,
  MetricsQuery,
} from '../../activities/ports/metrics-query.ts';

export interface MemoryMetrics extends MetricsQuery {
  /** Every question so far, oldest first. */
  readonly asked: readonly InstantQuestion[];
  /** Nobody can be asked from now on, or again. */
  darken(on?: boolean): void;
}

export interface MemoryMetricsOptions {
  /** What a query comes to: a number, or why it has none. Queries that are not here have no series. */
  readonly answers?: Readonly<Record<string, number | readonly [AbsenceReason, string]>>;
  readonly alertRules?: number;
  /** Nothing has a series before this instant. */
  readonly since?: string;
}

/** Knows the answers to some queries by heart. */
export function createMemoryMetrics({ alertRules = 0, answers = {}, since }: MemoryMetricsOptions = {}): MemoryMetrics {
  const asked: InstantQuestion[] = [];
  let dark = false;
  const look = () => {
    if (dark) throw new PortFailure('unavailable', 'the metrics were told to be away');
  };
  return {
    asked,
    darken(on = true) {
      dark = on;
    },
    async ask(question) {
      look();
      asked.push(question);
      const isEarly = since !== undefined && Date.parse(question.at) < Date.parse(since);
      return answerOf(isEarly ? undefined : answers[question.query]);
    },
    async alertRules() {
      look();
      return alertRules;
    },
  };
}

function answerOf(known: number | readonly [AbsenceReason, string] | undefined): InstantAnswer {
  if (known === undefined) return { kind: 'absent', reason: 'empty', why: 'there is no series for the query' };
  if (typeof known === 'number') return { kind: 'number', value: known };
  return { kind: 'absent', reason: known[0], why: known[1] };
}
