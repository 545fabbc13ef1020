import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { PortFailure } from '../../activities/ports/port-failure.ts';
import type { ArmCounters, ArmName, Scrape, TrafficEvidence } from '../../activities/ports/traffic-evidence.ts';
import { countOf, until } from '../traffic.ts';

export interface EvidenceUnderTest {
  readonly evidence: TrafficEvidence;
  /** A route with a champion and a challenger behind it that has had no request yet. */
  readonly route: string;
  /** Sends this many requests to one arm of the route; `bad` of them are answered 500. */
  send(arm: 'champion' | 'challenger', requests: { readonly ok: number; readonly bad: number }): Promise<void>;
  /** Ends the challenger's server and sends it this many requests. */
  sendToDead(requests: number): Promise<void>;
  /** A new gateway process with the same routes. */
  restart(): Promise<void>;
  /** The gateway's counters cannot be had any more. */
  darken(): Promise<void>;
  stop(): Promise<void>;
}

const sum = (counters: ArmCounters) =>
  Object.values(counters.requests).reduce((total, series) => total + series.count, 0);
const ARMS: readonly ArmName[] = ['champion', 'challenger', 'shadow'];

/** What every source of traffic evidence promises. The tests build on each other: counters only grow. */
export function trafficEvidenceContract(adapter: string, make: () => Promise<EvidenceUnderTest>): void {
  describe(`${adapter} keeps the contract of traffic-evidence`, () => {
    let under: EvidenceUnderTest;
    const scrape = async () => under.evidence.scrape(under.route);
    /** A request is counted when it ends, which may be a moment after the client has its answer. */
    const scrapeOnce = async (what: string, holds: (seen: Scrape) => boolean) => {
      let seen = await scrape();
      await until(what, async () => holds((seen = await scrape())));
      return seen;
    };
    beforeAll(async () => {
      under = await make();
    }, 60_000);
    afterAll(async () => under.stop());

    test('a route that was never served has no series, and that is no error', async () => {
      const seen = await under.evidence.scrape('never-served');
      expect(ARMS.map((arm) => seen.arms[arm])).toEqual(ARMS.map(() => ({ requests: {}, buckets: {} })));
      expect(seen.router.requests).toEqual({});
    });

    test('each arm counts its own requests by code, and the router counts them all', async () => {
      await under.send('champion', { ok: 12, bad: 0 });
      await under.send('challenger', { ok: 3, bad: 2 });
      const seen = await scrapeOnce('17 requests', ({ router }) => sum(router) === 17);
      expect(countOf(seen, 'champion')).toBe(12);
      expect([countOf(seen, 'challenger', 200), countOf(seen, 'challenger', 500)]).toEqual([3, 2]);
      expect(countOf(seen, 'shadow')).toBe(0);
    });

    test('a series is named by code, method and protocol', async () => {
      const { requests } = (await scrape()).arms.challenger;
      expect(Object.keys(requests).toSorted()).toEqual(['200|POST|http', '500|POST|http']);
    });

    test('latency buckets are cumulative and end with all requests', async () => {
      const { buckets } = (await scrape()).arms.champion;
      const counts = Object.entries(buckets)
        .toSorted(([a], [b]) => Number(a.replace('+Inf', 'Infinity')) - Number(b.replace('+Inf', 'Infinity')))
        .map(([, count]) => count);
      expect(counts).toEqual(counts.toSorted((a, b) => a - b));
      expect(buckets['+Inf']).toBe(12);
    });

    test('counters go on counting from look to look', async () => {
      await under.send('champion', { ok: 5, bad: 0 });
      const seen = await scrapeOnce('five more', (now) => countOf(now, 'champion') === 17);
      expect(countOf(seen, 'challenger')).toBe(5);
    });

    test('the moment and the process of a scrape are told', async () => {
      const [first, second] = [await scrape(), await scrape()];
      expect(Date.parse(second.at)).toBeGreaterThanOrEqual(Date.parse(first.at));
      expect(second.processStart).toBe(first.processStart);
      expect(first.processStart).toBeGreaterThan(0);
    });

    test("CA2: a dead challenger's requests are counted 502 on the challenger", async () => {
      await under.sendToDead(4);
      const seen = await scrapeOnce('four times 502', (now) => countOf(now, 'challenger', 502) === 4);
      expect(countOf(seen, 'champion', 502)).toBe(0);
    });

    test('a new process of the gateway starts at zero and has another start', async () => {
      const before = await scrape();
      await under.restart();
      const after = await scrape();
      expect(after.processStart).toBeGreaterThan(before.processStart);
      expect(countOf(after, 'champion') + countOf(after, 'challenger')).toBe(0);
    });

    test('a gateway that cannot be asked is unavailable, not without traffic', async () => {
      await under.darken();
      await expect(scrape()).rejects.toEqual(expect.objectContaining({ name: PortFailure.name, code: 'unavailable' }));
    });
  });
}
