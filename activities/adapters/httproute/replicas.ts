import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { PortFailure } from '../../ports/port-failure.ts';
import type { ArmCounters, Scrape } from '../../ports/traffic-evidence.ts';
import { createMetricsReader } from '../traefik-file/metrics-body.ts';
import type { MetricsBody } from '../traefik-file/metrics-body.ts';

/** Which addresses a host name stands for. */
export type Resolve = (host: string) => Promise<readonly string[]>;

const fromDns: Resolve = async (host) => (await lookup(host, { all: true })).map(({ address }) => address);

/**
 * Reads the counters of every replica of a gateway, at the same time. A name that stands for several addresses is asked at
 * each. One replica that does not answer fails the whole: its requests would be missing from the sum.
 */
export function createReplicasReader(
  urls: readonly string[],
  resolve: Resolve = fromDns,
): () => Promise<readonly MetricsBody[]> {
  const readers = new Map<string, () => Promise<MetricsBody>>();
  const readerOf = (url: string) => {
    const reader = readers.get(url) ?? createMetricsReader(url);
    readers.set(url, reader);
    return reader;
  };
  return async () => {
    const all = await Promise.all(urls.map(async (url) => eachOf(url, resolve)));
    return Promise.all([...new Set(all.flat())].map(async (url) => readerOf(url)()));
  };
}

/** A name of one address stays as it is: a proxy may go by the name. */
async function eachOf(url: string, resolve: Resolve): Promise<readonly string[]> {
  const { hostname, protocol } = new URL(url);
  if (protocol !== 'http:' || isIP(hostname.replaceAll(/[[\]]/g, '')) !== 0) return [url];
  const addresses = await resolve(hostname).catch((cause: unknown) => {
    const message = `the metrics at ${url} cannot be asked: the name ${hostname} is not known`;
    throw new PortFailure('unavailable', message, { cause, details: { url } });
  });
  if (addresses.length <= 1) return [url];
  return addresses.map((address) => {
    const one = new URL(url);
    one.hostname = isIP(address) === 6 ? `[${address}]` : address;
    return one.href;
  });
}

/**
 * All replicas' counters of one route as one. `processStart` is the sum of theirs: it changes when any of them starts anew or
 * another one joins, and then the next look begins from here.
 */
export function sumOf(scrapes: readonly [Scrape, ...Scrape[]]): Scrape {
  const [first] = scrapes;
  const arm = (name: keyof Scrape['arms']) => addUp(scrapes.map(({ arms }) => arms[name]));
  return {
    at: scrapes.reduce((latest, { at }) => (at > latest ? at : latest), first.at),
    processStart: scrapes.reduce((sum, { processStart }) => sum + processStart, 0),
    arms: { champion: arm('champion'), challenger: arm('challenger'), shadow: arm('shadow') },
    router: addUp(scrapes.map(({ router }) => router)),
  };
}

function addUp(all: readonly ArmCounters[]): ArmCounters {
  const requests: Record<string, { code: number; count: number }> = {};
  const buckets: Record<string, number> = {};
  for (const counters of all) {
    for (const [series, { code, count }] of Object.entries(counters.requests))
      requests[series] = { code, count: (requests[series]?.count ?? 0) + count };
    for (const [bound, count] of Object.entries(counters.buckets)) buckets[bound] = (buckets[bound] ?? 0) + count;
  }
  const up = all.flatMap(({ serverUp }) => (serverUp === undefined ? [] : [serverUp]));
  return up.length === 0 ? { requests, buckets } : { requests, buckets, serverUp: Math.max(...up) };
}
