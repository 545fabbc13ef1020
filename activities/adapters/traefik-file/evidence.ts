import { createHash } from 'node:crypto';
import { PortFailure } from '../../ports/port-failure.ts';
import type { ArmCounters, Scrape, TrafficEvidence } from '../../ports/traffic-evidence.ts';
import { parseExposition } from './exposition.ts';
import type { Sample } from './exposition.ts';
import { fetchText } from './fetch-text.ts';

export interface TraefikEvidenceOptions {
  /** Traefik's metrics entry point, such as http://127.0.0.1:8082/metrics. */
  readonly metricsUrl: string;
}

const TIMEOUT_MS = 2000;
const BODY_LIMIT = 8 * 1024 ** 2;

/**
 * Reads Traefik's own counters: both arms, the shadow and the router from one body, so all cover the same time. It also
 * sees what a dead server cannot report: a refused connection counts as 502 on its leaf, an exceeded time-out as 504.
 */
export function createTraefikEvidence(options: TraefikEvidenceOptions): TrafficEvidence {
  const url = options.metricsUrl;
  let lastProcess = '';

  return {
    async scrape(route) {
      const body = await fetchText(url, { timeoutMs: TIMEOUT_MS, limitBytes: BODY_LIMIT });
      const samples = read(url, body);
      const ofProcess = fingerprint(body);
      if (ofProcess === lastProcess)
        throw malformed(url, 'the metrics of the process itself stand still: a stale copy');
      lastProcess = ofProcess;
      return scrapeOf(route, samples, url);
    },
  };
}

function read(url: string, body: string): Sample[] {
  try {
    return parseExposition(body);
  } catch (error) {
    throw malformed(url, error instanceof SyntaxError ? error.message : String(error), error);
  }
}

/** Memory statistics move with every scrape of a living process; a cache or a frozen proxy repeats them. */
function fingerprint(body: string): string {
  const lines = body.match(/^(?:go_memstats_|process_).*$/gm) ?? [];
  return createHash('sha256').update(lines.join('\n')).digest('hex');
}

function scrapeOf(route: string, samples: readonly Sample[], url: string): Scrape {
  const start = samples.find((sample) => sample.name === 'process_start_time_seconds');
  if (start === undefined) throw malformed(url, 'process_start_time_seconds is missing: is this Traefik?');
  const arm = (name: string) => countersOf(samples, 'service', `${route}-${name}@file`, url);
  return {
    at: new Date().toISOString(),
    processStart: finite(start, url),
    arms: { champion: arm('champion'), challenger: arm('challenger'), shadow: arm('shadow') },
    router: countersOf(samples, 'router', `${route}@file`, url),
  };
}

/** Requests and durations of one service or router. The router's own series differ in `service` too: they are summed. */
function countersOf(samples: readonly Sample[], kind: 'service' | 'router', label: string, url: string): ArmCounters {
  const ours = samples.filter((sample) => sample.labels[kind] === label);
  const named = (name: string) => ours.filter((sample) => sample.name === name);
  const requests: Record<string, { code: number; count: number }> = {};
  for (const sample of named(`traefik_${kind}_requests_total`)) {
    const { code, method, protocol } = sample.labels;
    const key = `${code}|${method}|${protocol}`;
    requests[key] = { code: Number(code), count: (requests[key]?.count ?? 0) + finite(sample, url) };
  }
  const buckets: Record<string, number> = {};
  for (const sample of named(`traefik_${kind}_request_duration_seconds_bucket`)) {
    const bound = sample.labels['le'] ?? '+Inf';
    buckets[bound] = (buckets[bound] ?? 0) + finite(sample, url);
  }
  const up = named('traefik_service_server_up').map((sample) => finite(sample, url));
  return up.length === 0 ? { requests, buckets } : { requests, buckets, serverUp: Math.max(...up) };
}

/** Counts are never NaN, infinite, negative or of another time; a scrape that says so is worth nothing. */
function finite(sample: Sample, url: string): number {
  if (Number.isFinite(sample.value) && sample.value >= 0 && sample.timestampMs === undefined) return sample.value;
  const when = sample.timestampMs === undefined ? '' : ` at ${sample.timestampMs}`;
  throw malformed(url, `${sample.name} is ${sample.value}${when}; expected a count of now`);
}

function malformed(url: string, why: string, cause?: unknown): PortFailure {
  return new PortFailure('malformed-answer', `the metrics at ${url} cannot be used: ${why}`, {
    cause,
    details: { url },
  });
}
