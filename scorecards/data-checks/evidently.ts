import { z } from 'zod';
import type { ForeignCheck, ForeignResult } from './results.ts';

/** What `Snapshot.json()` of Evidently 0.7 writes; its tests carry the verdicts, its metrics are numbers without one. */
const report = z.looseObject({
  metrics: z.array(z.unknown()),
  tests: z.array(
    z.looseObject({
      name: z.string(),
      description: z.string().nullish(),
      status: z.enum(['SUCCESS', 'FAIL', 'WARNING', 'ERROR', 'SKIPPED']),
      metric_config: z.looseObject({ params: z.looseObject({ column: z.string().nullish() }).nullish() }).nullish(),
    }),
  ),
  /** Of older versions; this one says nothing of when. */
  timestamp: z.string().optional(),
});

const OUTCOMES = {
  SUCCESS: 'held',
  FAIL: 'broken',
  // A test that the report itself calls not critical.
  WARNING: 'broken',
  ERROR: 'not-judged',
  SKIPPED: 'not-judged',
} as const satisfies Record<string, ForeignCheck['outcome']>;

/** Reads a report of Evidently. Metrics alone are no verdict: the report has to be made with tests. */
export function readEvidently(document: unknown): ForeignResult {
  const parsed = report.safeParse(document);
  if (!parsed.success) return { problem: z.prettifyError(parsed.error).split('\n').slice(0, 2).join(' ') };
  const { metrics, tests, timestamp } = parsed.data;
  if (tests.length === 0 && metrics.length > 0)
    return { problem: `it has ${metrics.length} metrics and no test; make it with include_tests=True or tests=[…]` };
  const checks = tests.map(({ description, metric_config: metric, name, status }): ForeignCheck => {
    const column = metric?.params?.column;
    return {
      name,
      outcome: OUTCOMES[status],
      severity: status === 'WARNING' ? 'warn' : 'fail',
      ...(typeof column === 'string' ? { column } : {}),
      ...(typeof description === 'string' ? { said: description.replace(/\.$/, '') } : {}),
    };
  });
  return { checks, ...(timestamp === undefined ? {} : { madeAt: timestamp }) };
}
