import { metricsQueryContract } from '../contracts/metrics-query.ts';
import { createMemoryMetrics } from './memory-metrics.ts';

metricsQueryContract('memory-metrics', async () => {
  const metrics = createMemoryMetrics({
    answers: {
      'orders_total{shop="south"}': 2.5,
      'sum(orders_total)': 42.5,
      'scalar(sum(orders_total)) * 2': 85,
      refunds_total: 0,
      orders_total: ['several', 'there are 2 series'],
      'sum(refunds_total) / sum(refunds_total)': ['not-finite', 'NaN'],
      'sum(orders_total) / sum(refunds_total)': ['not-finite', '+Inf'],
      'orders_total[1m]': ['no-number', 'a range'],
      '"text"': ['no-number', 'a text'],
      'sum(orders_total': ['refused', 'parse error'],
      'orders_total + on (shop) group_left () orders_total + nobody(1)': ['refused', 'unknown function'],
      'label_replace(orders_total, "shop", "one", "", "")': ['refused', 'same labelset'],
    },
    alertRules: 2,
    since: '2026-01-01T00:00:00Z',
  });
  return {
    metrics,
    before: '2025-12-31T23:59:59Z',
    darken: async () => metrics.darken(),
    stop: async () => undefined,
  };
});
