import { httpPath } from '../inference-protocol.ts';
import type { HttpProtocol, RunningServer } from '../../ports/serving.ts';

const TIMEOUT_MS = 2000;
/** No registry counts this far: a server that knows this version answers for any. */
const NO_VERSION = 'understudy-no-such-version';

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/**
 * Why this server may not get requests yet; `undefined` when it is ready and is this version. A wrong version and an
 * absent one are both a reason (PR3): what nobody names, nobody can attribute.
 */
export async function whyNotReady(
  server: RunningServer,
  http: HttpProtocol,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const path = httpPath(http.ready, server);
  const get = async (asked: string): Promise<Answer | string> => await answerOf(server, asked, signal);
  const ready = await get(path);
  if (typeof ready === 'string') return ready;
  if (ready.status !== 200) return `GET ${path} answered ${ready.status}`;
  if (http.versionHeader !== undefined) return wrongHeader(server, ready, http.versionHeader);
  return http.body === 'open-inference-v2' ? wrongMetadata(server, http, get) : undefined;
}

function wrongHeader(server: RunningServer, ready: Answer, name: string): string | undefined {
  const named = ready.headers.get(name);
  if (named === server.version) return undefined;
  return `its answers name version ${named ?? '(none)'} in the header ${name}, expected ${server.version}`;
}

/**
 * Open Inference v2: the metadata of the version are there and list it. Some servers list no versions at all; then the
 * server must at least not know a version that does not exist.
 */
async function wrongMetadata(
  server: RunningServer,
  http: HttpProtocol,
  get: (path: string) => Promise<Answer | string>,
): Promise<string | undefined> {
  const infer = httpPath(http.infer, server);
  const model = infer.endsWith('/infer') ? infer.slice(0, -'/infer'.length) : `/v2/models/${server.model}`;
  const base = model.replace(/\/versions\/[^/]+$/, '');
  const path = `${base}/versions/${encodeURIComponent(server.version)}`;
  const metadata = await get(path);
  if (typeof metadata === 'string') return metadata;
  if (metadata.status !== 200) return `GET ${path} answered ${metadata.status}: it does not serve this version`;
  const versions = listed(metadata.body);
  if (versions.length > 0) {
    return versions.includes(server.version) ? undefined : `it serves version ${versions.join(', ')}`;
  }
  const other = await get(`${base}/versions/${NO_VERSION}`);
  if (typeof other === 'string') return other;
  return other.status === 200 ? `GET ${base}/versions/… answers 200 to any version and lists none` : undefined;
}

function listed(body: string): readonly string[] {
  try {
    const parsed: unknown = JSON.parse(body);
    const versions = typeof parsed === 'object' && parsed !== null && 'versions' in parsed ? parsed.versions : [];
    return Array.isArray(versions) ? versions.map(String) : [];
  } catch {
    return [];
  }
}

/** The answer, or in words why there is none. */
async function answerOf(server: RunningServer, path: string, calledOff?: AbortSignal): Promise<Answer | string> {
  const signal = AbortSignal.any([AbortSignal.timeout(TIMEOUT_MS), ...(calledOff === undefined ? [] : [calledOff])]);
  try {
    const answer = await fetch(server.url + path, { signal });
    return { status: answer.status, headers: answer.headers, body: await answer.text() };
  } catch {
    return `GET ${server.url}${path} got no answer`;
  }
}
