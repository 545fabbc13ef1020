import type { z } from 'zod';
import type { MetricsQuery } from '../../ports/metrics-query.ts';
import { numberIn, querySchema, refusalSchema, refused, rulesSchema } from './answer.ts';
import { malformed, send } from './client.ts';
import type { PrometheusConnection, Received } from './client.ts';

/** The HTTP API of Prometheus 2 and 3, and of what speaks it: Thanos, Mimir, VictoriaMetrics. */
export function createPrometheusQuery(connection: PrometheusConnection): MetricsQuery {
  return {
    async ask({ at, query, timeoutMs }) {
      // Told the time limit, Prometheus stops a query that nobody waits for any more.
      const fields = { query, time: at, timeout: `${timeoutMs}ms` };
      const received = await send(connection, { method: 'POST', path: '/api/v1/query', fields, timeoutMs });
      const refusal = refusalSchema.safeParse(received.body);
      if (received.status !== 200 && refusal.success) return refused(refusal.data.error);
      return numberIn(parsed(querySchema, received));
    },
    async alertRules({ timeoutMs }) {
      const { data } = parsed(rulesSchema, await send(connection, rulesOf(timeoutMs)));
      return data.groups.flatMap(({ rules }) => rules).filter(({ type }) => type === 'alerting').length;
    },
  };
}

const rulesOf = (timeoutMs: number) =>
  ({ method: 'GET', path: '/api/v1/rules', fields: { type: 'alert' }, timeoutMs }) as const;

function parsed<S extends z.ZodType>(schema: S, received: Received): z.output<S> {
  const result = schema.safeParse(received.body);
  if (result.success) return result.data;
  const where = result.error.issues[0]?.path.join('.') ?? '';
  throw malformed(received, `answered ${received.status} with a body that is wrong at "${where}"`);
}
