import { createHash } from 'node:crypto';
import { PortFailure } from '../../ports/port-failure.ts';
import type { ArmCounters } from '../../ports/traffic-evidence.ts';
import { parseExposition } from './exposition.ts';
import type { Sample } from './exposition.ts';
import { fetchText } from './fetch-text.ts';

const TIMEOUT_MS = 2000;
const AGE_TOLERANCE_S = 2;
const BODY_LIMIT = 8 * 1024 ** 2;

/** One whole answer of a gateway's metrics address. */
export interface MetricsBody {
  readonly url: string;
  readonly at: string;
  readonly processStart: number;
  readonly samples: readonly Sample[];
}

/**
 * Reads the metrics address of Traefik or Envoy; the function remembers its last answer. Throws `unavailable`, `timeout`, or
 * `malformed-answer`, the latter also for a copy of the last answer.
 */
export function createMetricsReader(url: string): () => Promise<MetricsBody> {
  let lastProcess = '';
  let lastStart = 0;
  return async () => {
    const body = await fetchText(url, { timeoutMs: TIMEOUT_MS, limitBytes: BODY_LIMIT });
    const samples = read(url, body);
    const ofProcess = fingerprint(body);
    if (ofProcess === lastProcess) throw malformed(url, 'the metrics of the process itself stand still: a stale copy');
    lastProcess = ofProcess;
    const at = new Date();
    lastStart = startOf({ samples, url }, at, lastStart);
    return { url, at: at.toISOString(), processStart: lastStart, samples };
  };
}

/**
 * Requests and durations of the services or routers whose label is meant, summed. The router's own series differ in
 * `service` too.
 */
export function countersOf(
  { samples, url }: MetricsBody,
  kind: 'service' | 'router',
  isMeant: (label: string) => boolean,
): ArmCounters {
  const ours = samples.filter((sample) => isMeant(sample.labels[kind] ?? ''));
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

/** Seconds since the epoch. Envoy does not say when it started, but how many whole seconds ago: nearly the same is the same. */
function startOf({ samples, url }: Pick<MetricsBody, 'samples' | 'url'>, at: Date, last: number): number {
  const named = (name: string) => samples.find((sample) => sample.name === name);
  const [start, uptime] = [named('process_start_time_seconds'), named('envoy_server_uptime')];
  if (start !== undefined) return finite(start, url);
  if (uptime === undefined) {
    throw malformed(
      url,
      'neither process_start_time_seconds nor envoy_server_uptime is there: is this Traefik or Envoy?',
    );
  }
  const started = Math.round(at.getTime() / 1000) - finite(uptime, url);
  return Math.abs(started - last) <= AGE_TOLERANCE_S ? last : started;
}

/**
 * Memory statistics move with every scrape of a living process, and Envoy counts the scrape itself as a request; a cache or
 * a frozen proxy repeats them.
 */
function fingerprint(body: string): string {
  const lines = body.match(/^(?:go_memstats_|process_|envoy_server_|envoy_http_downstream_rq_total).*$/gm) ?? [];
  return createHash('sha256').update(lines.join('\n')).digest('hex');
}

function read(url: string, body: string): Sample[] {
  try {
    return parseExposition(body);
  } catch (error) {
    throw malformed(url, error instanceof SyntaxError ? error.message : String(error), error);
  }
}

/** Its value, which must be a count: counts are never NaN, infinite, negative or of another time; a scrape that says so is worth nothing. */
export function finite(sample: Sample, url: string): number {
  if (Number.isFinite(sample.value) && sample.value >= 0 && sample.timestampMs === undefined) return sample.value;
  const when = sample.timestampMs === undefined ? '' : ` at ${sample.timestampMs}`;
  throw malformed(url, `${sample.name} is ${sample.value}${when}; expected a count of now`);
}

/** A scrape that is worth nothing, and why. */
export function malformed(url: string, why: string, cause?: unknown): PortFailure {
  return new PortFailure('malformed-answer', `the metrics at ${url} cannot be used: ${why}`, {
    cause,
    details: { url },
  });
}
