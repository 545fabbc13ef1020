import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { progressSchema } from '../../../scorecards/contracts/trainer.ts';
import { PortFailure } from '../../ports/port-failure.ts';
import { done, headerOf, refuse, send, sendJson } from './exchange-answers.ts';
import {
  addPointer,
  LOG_FILE_BYTES,
  checkpointFile,
  exchangeFolder,
  pointerSchema,
  readPointers,
  receiveFile,
  sizeOf,
} from './exchange-folder.ts';
import type { ExchangeFolder, ExchangeJob, ExchangeServer } from './exchange-folder.ts';

export interface ExchangeOptions {
  /** Directory that holds a folder for each job. */
  readonly root: string;
  /** Every job's token is made of it; at least 32 characters. */
  readonly secret: string;
  /** Bytes that one attempt may hand in; default 20 GiB. */
  readonly resultBytes?: number;
  /** Bytes of one checkpoint; default 50 GiB. */
  readonly checkpointBytes?: number;
}

const RESULT_FILES = 10_000;
const SMALL_BYTES = 16 * 1024;

/** Opens the exchange for one job and no other: HMAC-SHA256 over its name, hex. */
export function exchangeToken(secret: string, job: string): string {
  if (secret.length < 32)
    throw new PortFailure('bad-request', 'the secret of the exchange needs 32 characters or more');
  return createHmac('sha256', secret).update(job).digest('hex');
}

/**
 * The door through which pods get their files and hand in what they made: no volume is shared, and a pod reaches nothing
 * but what its own job lists. To be mounted on any `node:http` server; every path begins with `/exchange/<job>/`.
 */
export function createExchange(options: ExchangeOptions): RequestListener {
  exchangeToken(options.secret, '');
  return (request, response) => {
    answer(request, response, options).catch((error: unknown) => refuse(response, error));
  };
}

interface Visit<Job = ExchangeJob> {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly options: ExchangeOptions;
  readonly folder: ExchangeFolder;
  readonly job: Job;
  /** What follows `/exchange/<job>/`, decoded. */
  readonly rest: readonly string[];
}

type Routes<Job> = Readonly<Record<string, (visit: Visit<Job>) => Promise<void>>>;

const ROUTES: Routes<ExchangeJob> = {
  'GET spec': async ({ response, folder }) => await send(response, folder.spec),
  'GET files': async (visit) => await sendListed(visit),
  'GET checkpoints': async (visit) => await sendCheckpoint(visit),
  'PUT checkpoints': async (visit) => await takeCheckpoint(visit),
  'PUT attempts': async ({ response, folder, rest }) => {
    await folder.begin(word(rest[1]));
    done(response);
  },
  'PUT results': async (visit) => await takeResult(visit),
  'PUT progress': async ({ request, response, folder }) => {
    await folder.writeProgress(progressSchema.parse(JSON.parse(await smallBody(request))));
    done(response);
  },
};

/** A server leaves no checkpoint and hands in no result; its courier asks for checkpoints like any other. */
const SERVER_ROUTES: Routes<ExchangeServer> = {
  'GET spec': async ({ response, folder }) => await send(response, folder.spec),
  'GET files': async (visit) => await sendListed(visit),
  'GET checkpoints': async ({ response }) => await Promise.resolve(sendJson(response, [])),
  'PUT log': async (visit) => await takeLog(visit),
};

async function answer(request: IncomingMessage, response: ServerResponse, options: ExchangeOptions): Promise<void> {
  const [, door, name = '', ...rest] = pathOf(request);
  if (door !== 'exchange' || !/^[a-z0-9-]{1,52}$/.test(name)) throw new PortFailure('not-found', 'no such page');
  if (!isBearer(request.headers.authorization, exchangeToken(options.secret, name))) {
    throw new PortFailure('unauthorised', `no valid token for job ${name}`);
  }
  const folder = exchangeFolder(options.root, name);
  const visit = { request, response, options, folder, rest };
  const job = await folder.job();
  if (job) {
    await routeOf(ROUTES, visit)({ ...visit, job });
    return;
  }
  const server = await folder.server();
  if (!server) throw new PortFailure('not-found', `job ${name} is not known here`);
  await routeOf(SERVER_ROUTES, visit)({ ...visit, job: server });
}

function routeOf<Job>(routes: Routes<Job>, { request, rest }: Omit<Visit, 'job'>): Routes<Job>[string] {
  const route = routes[`${request.method} ${rest[0]}`];
  if (route) return route;
  throw new PortFailure('not-found', `no such page: ${request.method} ${rest[0] ?? ''}`);
}

/** Decoded after it was taken apart: an encoded slash makes no new part, it makes a part that nobody accepts. */
function pathOf(request: IncomingMessage): string[] {
  try {
    return (request.url ?? '/').split('?')[0]?.split('/').map(decodeURIComponent) ?? [];
  } catch (cause) {
    throw new PortFailure('bad-request', 'the path is not encoded as it should', { cause });
  }
}

/** Both sides have one length after hashing, so the comparison tells nothing by its time. */
function isBearer(header: string | undefined, token: string): boolean {
  const [given, expected] = [header ?? '', `Bearer ${token}`].map((text) =>
    createHmac('sha256', token).update(text).digest(),
  );
  return given !== undefined && expected !== undefined && timingSafeEqual(given, expected);
}

/** `files`: the list. `files/<sha256>`: one of them, and only if it is listed. */
async function sendListed({ response, job, rest }: Visit<Pick<ExchangeJob, 'files'>>): Promise<void> {
  if (rest.length === 1) {
    sendJson(
      response,
      job.files.map(({ to, bytes, sha256 }) => ({ to, bytes, sha256 })),
    );
    return;
  }
  const listed = job.files.find(({ sha256 }) => sha256 === rest[1]);
  if (!listed) throw new PortFailure('not-found', `the job lists no file ${rest[1] ?? ''}`);
  await send(response, listed.from);
}

async function sendCheckpoint({ response, job, rest }: Visit): Promise<void> {
  const pointers = await readPointers(job.checkpoints);
  if (rest.length === 1) {
    sendJson(response, pointers);
    return;
  }
  const known = pointers.find(({ sha256 }) => sha256 === rest[1]);
  if (!known) throw new PortFailure('not-found', `the run has no checkpoint ${rest[1] ?? ''}`);
  await send(response, checkpointFile(job.checkpoints, known.sha256));
}

/** The pointer comes in a header, so that file and pointer cannot be told apart by a crash between two requests. */
async function takeCheckpoint({ request, response, job, options }: Visit): Promise<void> {
  const pointer = pointerSchema.parse(JSON.parse(headerOf(request, 'x-checkpoint')));
  const limitBytes = options.checkpointBytes ?? 50 * 1024 ** 3;
  await receiveFile(request, checkpointFile(job.checkpoints, pointer.sha256), { sha256: pointer.sha256, limitBytes });
  await addPointer(job.checkpoints, pointer);
  done(response);
}

/** `results/<attempt>/files/<path…>` brings one file, `results/<attempt>` says that all are there. */
async function takeResult({ request, response, folder, options, rest }: Visit): Promise<void> {
  const attempt = word(rest[1]);
  if ((await folder.attempt()) !== attempt) {
    throw new PortFailure('conflict', `attempt ${attempt} is not the one that runs: its results count no more`);
  }
  if (rest.length === 2) {
    await folder.commit(attempt);
    done(response);
    return;
  }
  const path = rest.slice(3);
  if (rest[2] !== 'files' || path.length === 0 || !path.every(isPlainName)) {
    throw new PortFailure('bad-request', 'expected the relative path of a file, without . and ..');
  }
  const limit = options.resultBytes ?? 20 * 1024 ** 3;
  const incoming = folder.incoming(attempt);
  const size = await sizeOf(incoming);
  if (size.files >= RESULT_FILES) throw new PortFailure('bad-request', `more than ${RESULT_FILES} files in one result`);
  const sha256 = headerOf(request, 'x-sha256');
  await receiveFile(request, join(incoming, ...path), { sha256, limitBytes: limit - size.bytes });
  done(response);
}

/** `log/day=YYYY-MM-DD/<name>.parquet`: one file of the serving log, complete. */
async function takeLog({ request, response, job, rest }: Visit<ExchangeServer>): Promise<void> {
  const [, day = '', name = ''] = rest;
  const isLogFile = /^day=\d{4}-\d\d-\d\d$/.test(day) && /^[\w-][\w.-]{0,200}\.parquet$/.test(name);
  if (rest.length !== 3 || !isLogFile) throw new PortFailure('bad-request', 'expected log/day=YYYY-MM-DD/….parquet');
  const expected = { sha256: headerOf(request, 'x-sha256'), limitBytes: LOG_FILE_BYTES };
  await receiveFile(request, join(job.log, day, name), expected);
  done(response);
}

function isPlainName(part: string): boolean {
  // No slash, no NUL, nothing that a file system reads as a way up.
  return part !== '' && part !== '.' && part !== '..' && part.length <= 255 && !/[/\\\0]/.test(part);
}

function word(text: string | undefined): string {
  if (text !== undefined && /^[a-z0-9-]{1,64}$/.test(text)) return text;
  throw new PortFailure('bad-request', 'expected the name of an attempt: at most 64 of a-z, 0-9 and -');
}

async function smallBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength;
    if (bytes > SMALL_BYTES) throw new PortFailure('bad-request', `the body has more than ${SMALL_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
