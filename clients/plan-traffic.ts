import { setTimeout as sleep } from 'node:timers/promises';
import type { Ports } from '../activities/context.ts';
import { PortFailure } from '../activities/ports/port-failure.ts';
import { deltasBetween } from '../scorecards/canary/counters.ts';
import type { ExpectedTraffic } from '../scorecards/canary/plan.ts';
import { asTime } from '../scorecards/canary/wording.ts';
import type { Policy } from '../scorecards/policy/schema.ts';
import { ANSWER_MS } from './patience.ts';
import { CliFailure, EXIT } from './failure.ts';

export interface AskedTraffic extends ExpectedTraffic {
  /** Where each number is from, for people. */
  readonly from: { readonly requests: string; readonly badRate: string };
}

export interface TrafficWishes {
  /** Requests per second. */
  readonly rate?: number;
  /** A fraction. */
  readonly bad?: number;
  /** PromQL for requests per second. */
  readonly query?: string;
  readonly forMs: number;
}

/** Where nobody measured: what a healthy service has. */
const ASSUMED_BAD = 0.001;

/** The traffic that was named, else what the settings' Prometheus answers, else what the gateway counts for a while. */
export async function trafficFor(
  ports: () => Promise<Ports>,
  policy: Policy,
  wishes: TrafficWishes,
): Promise<AskedTraffic> {
  const { bad, query, rate } = wishes;
  const badRate = bad ?? ASSUMED_BAD;
  const of = bad === undefined ? 'assumed' : 'given';
  if (rate !== undefined) return { requestsPerSecond: rate, badRate, from: { requests: 'given', badRate: of } };
  if (query !== undefined) {
    const requestsPerSecond = await askedRate(await ports(), query);
    return { requestsPerSecond, badRate, from: { requests: 'asked of Prometheus', badRate: of } };
  }
  const measured = await measure(await ports(), policy, wishes.forMs);
  return bad === undefined ? measured : { ...measured, badRate, from: { ...measured.from, badRate: of } };
}

async function askedRate({ metrics }: Ports, query: string): Promise<number> {
  if (!metrics)
    throw new CliFailure(
      EXIT.configuration,
      'the settings name no Prometheus that could be asked',
      'set prometheus.url, or give --rate',
    );
  const answer = await metrics.ask({ query, at: new Date().toISOString(), timeoutMs: ANSWER_MS });
  if (answer.kind === 'number' && answer.value >= 0) return answer.value;
  const why = answer.kind === 'absent' ? answer.why : `it came to ${answer.value}, expected requests per second`;
  throw new CliFailure(EXIT.usage, `--rate-query ${query}: ${why}`, 'try the query in Prometheus, or give --rate');
}

async function measure(ports: Ports, { spec }: Policy, forMs: number): Promise<AskedTraffic> {
  const { traffic } = spec;
  if (!traffic) throw new CliFailure(EXIT.usage, 'a batch policy has no traffic', 'understudy lint -f FILE');
  const { evidence } = ports.gateway(traffic);
  try {
    const before = await evidence.scrape(traffic.route);
    await sleep(forMs);
    const after = await evidence.scrape(traffic.route);
    const deltas = deltasBetween(before, after);
    if ('why' in deltas)
      throw new CliFailure(EXIT.unavailable, `the gateway's counters: ${deltas.why}`, 'try again, or give --rate');
    const { champion, challenger } = deltas.arms;
    const requests = Math.max(deltas.router.requests, champion.requests + challenger.requests);
    const seconds = (Date.parse(after.at) - Date.parse(before.at)) / 1000;
    const badRate = champion.requests === 0 ? ASSUMED_BAD : champion.bad / champion.requests;
    const at = `counted at the gateway in ${asTime(forMs)}`;
    return {
      requestsPerSecond: Math.round((100 * requests) / seconds) / 100,
      badRate,
      from: { requests: at, badRate: champion.requests === 0 ? 'assumed' : at },
    };
  } catch (error) {
    if (!(error instanceof PortFailure)) throw error;
    throw new CliFailure(EXIT.unavailable, `the gateway's counters: ${error.message}`, 'give --rate', { cause: error });
  }
}
