import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { MetricsQuery } from '../../activities/ports/metrics-query.ts';
import { PortFailure } from '../../activities/ports/port-failure.ts';

export interface MetricsUnderTest {
  readonly metrics: MetricsQuery;
  /** An instant before the first sample of any series. */
  readonly before: string;
  /** From now on nobody can be asked. */
  darken(): Promise<void>;
  stop(): Promise<void>;
}

/** What the metrics under test show: two series of one name, a third that is 0; two alerting rules and a recording one. */
export const SHOWN = `
orders_total{shop="north"} 40
orders_total{shop="south"} 2.5
refunds_total{shop="north"} 0
`;

const timeoutMs = 10_000;

/** What every source of metrics promises. The last tests darken it. */
export function metricsQueryContract(adapter: string, make: () => Promise<MetricsUnderTest>): void {
  describe(`${adapter} keeps the contract of metrics-query`, () => {
    let under: MetricsUnderTest;
    const ask = async (query: string, at = new Date().toISOString()) => under.metrics.ask({ query, at, timeoutMs });
    beforeAll(async () => {
      under = await make();
    }, 60_000);
    afterAll(async () => under.stop());

    test.each([
      ['one series', 'orders_total{shop="south"}', 2.5],
      ['a sum of several', 'sum(orders_total)', 42.5],
      ['a plain number', 'scalar(sum(orders_total)) * 2', 85],
      ['a zero', 'refunds_total', 0],
    ])('EV7: %s is its number', async (_, query, value) => {
      expect(await ask(query)).toEqual({ kind: 'number', value });
    });

    test('EV7: no series is no zero', async () => {
      expect(await ask('sum(never_seen_total)')).toMatchObject({ kind: 'absent', reason: 'empty' });
    });

    test('EV7: an instant before the first sample has none, whatever there is now', async () => {
      expect(await ask('sum(orders_total)', under.before)).toMatchObject({ kind: 'absent', reason: 'empty' });
    });

    test('several series are no number, and it says how many they are', async () => {
      const answer = await ask('orders_total');
      expect(answer).toMatchObject({ kind: 'absent', reason: 'several', why: expect.stringContaining('2 series') });
    });

    test.each(['sum(refunds_total) / sum(refunds_total)', 'sum(orders_total) / sum(refunds_total)'])(
      'a division by zero is no number: %s',
      async (query) => {
        expect(await ask(query)).toMatchObject({ kind: 'absent', reason: 'not-finite' });
      },
    );

    test.each(['orders_total[1m]', '"text"'])('what is no number at all is told so: %s', async (query) => {
      expect(await ask(query)).toMatchObject({ kind: 'absent', reason: 'no-number' });
    });

    test.each([
      ['sum(orders_total', 'parse error'],
      ['orders_total + on (shop) group_left () orders_total + nobody(1)', 'unknown function'],
      ['label_replace(orders_total, "shop", "one", "", "")', 'same labelset'],
    ])('a query that is wrong is refused in the words of who refuses it: %s', async (query, words) => {
      const answer = await ask(query);
      expect(answer).toMatchObject({ kind: 'absent', reason: 'refused', why: expect.stringContaining(words) });
    });

    test('alerting rules are counted, recording rules are not', async () => {
      expect(await under.metrics.alertRules({ timeoutMs })).toBe(2);
    });

    test('who cannot be asked is unavailable, not without data', async () => {
      await under.darken();
      const unavailable = expect.objectContaining({ name: PortFailure.name, code: 'unavailable' });
      await expect(ask('sum(orders_total)')).rejects.toEqual(unavailable);
      await expect(under.metrics.alertRules({ timeoutMs })).rejects.toEqual(unavailable);
    });
  });
}
