import type { ArmCounters, ArmName, Scrape } from '../../../scorecards/canary/scrape.ts';

export const GATEWAY_START = 1_800_000_000;

/** Cumulative requests by status code. */
export type Codes = Readonly<Record<number, number>>;

/** Counters as a gateway would show them. */
export function countersOf(codes: Codes = {}, more: Partial<ArmCounters> = {}): ArmCounters {
  const series = Object.entries(codes).map(([code, count]) => [`${code}|GET|http`, { code: Number(code), count }]);
  return { requests: Object.fromEntries(series), buckets: {}, ...more };
}

/** A scrape `seconds` after the gateway's start; an arm that is not named has no series. */
export function scrapeAt(
  seconds: number,
  counted: Partial<Record<ArmName | 'router', Codes | ArmCounters>> = {},
  processStart = GATEWAY_START,
): Scrape {
  const of = (name: ArmName | 'router'): ArmCounters => {
    const given = counted[name] ?? {};
    return isCounters(given) ? given : countersOf(given);
  };
  return {
    at: new Date((GATEWAY_START + seconds) * 1000).toISOString(),
    processStart,
    arms: { champion: of('champion'), challenger: of('challenger'), shadow: of('shadow') },
    router: of('router'),
  };
}

function isCounters(given: Codes | ArmCounters): given is ArmCounters {
  return 'requests' in given;
}
