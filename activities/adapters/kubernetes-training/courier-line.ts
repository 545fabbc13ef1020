import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { Readable } from 'node:stream';

export interface CourierOptions {
  /** Address of the exchange, as this pod reaches it. */
  readonly exchange: string;
  readonly job: string;
  readonly token: string;
  /** Digest of the spec that the manifest was made for. */
  readonly specSha256: string;
  /** `POD_PATHS.root` in a pod. */
  readonly root: string;
  /** Milliseconds before the second try; doubles with each further one up to 10 s. */
  readonly backoffMs?: number;
  /** How often a request is tried; default 8. */
  readonly tries?: number;
  /** How long a request that carries no file may take, milliseconds; default 30 s. */
  readonly answerMs?: number;
  /** How long a file may stand still on its way before it is sent again, milliseconds; default 60 s. */
  readonly stallMs?: number;
}

/** Ends the courier with one of `EXIT_CODES`, so that the Job knows whether another pod could do better. */
export class CourierEnd extends Error {
  override readonly name = 'CourierEnd';
  readonly exitCode: 65 | 69 | 77 | 78;

  constructor(exitCode: CourierEnd['exitCode'], message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}

export interface Line {
  /** `take` reads the whole answer; what it throws is tried again like a cut connection. */
  get<T>(path: string, take: (answer: Response) => Promise<T>): Promise<T>;
  put(path: string, body?: Body, headers?: Headers): Promise<void>;
}
type Headers = Readonly<Record<string, string>>;

/** The exchange as one job sees it. Requests are tried again until they are answered or the tries are used up. */
export function openLine(options: CourierOptions): Line {
  const { answerMs = 30_000, backoffMs = 500, exchange, job, token, stallMs = 60_000, tries = 8 } = options;
  const address = (path: string): string => `${exchange.replace(/\/+$/, '')}/exchange/${job}/${path}`;
  const authorization = `Bearer ${token}`;

  async function persist<T>(what: string, attempt: () => Promise<T>): Promise<T> {
    for (let tried = 1; ; tried += 1) {
      try {
        return await attempt();
      } catch (error) {
        if (error instanceof CourierEnd) throw error;
        if (tried >= tries) throw new CourierEnd(69, `${what} failed ${tries} times, at last: ${sayCause(error)}`);
        await pause(Math.min(backoffMs * 2 ** (tried - 1), 10_000));
      }
    }
  }
  return {
    get: async (path, take) =>
      await persist(`GET ${path}`, async () => {
        const answer = await fetch(address(path), { headers: { authorization } });
        await refuseOthers(answer, `GET ${path}`);
        return await take(answer);
      }),
    put: async (path, body, headers = {}) => {
      await persist(`PUT ${path}`, async () => {
        const { init, settle } = sent(body, { answerMs, stallMs });
        try {
          const answer = await fetch(address(path), { method: 'PUT', headers: { ...headers, authorization }, ...init });
          await refuseOthers(answer, `PUT ${path}`);
          await answer.arrayBuffer();
        } finally {
          settle();
        }
      });
    },
  };
}

type Body = { readonly text: string } | { readonly file: string };

interface Sending {
  readonly init: RequestInit;
  /** Once it was answered, or failed. */
  readonly settle: () => void;
}

/** A worker that went away with its node answers nothing, and the pod's grace is shorter than the library's patience. */
function sent(body: Body | undefined, { answerMs, stallMs }: { answerMs: number; stallMs: number }): Sending {
  if (body !== undefined && 'file' in body) return sentFile(body.file, stallMs);
  const text = body === undefined ? {} : { body: body.text };
  return { init: { ...text, signal: AbortSignal.timeout(answerMs) }, settle: () => undefined };
}

/** A file may take as long as it likes as long as it moves; its last piece must be answered in the same time. */
function sentFile(file: string, stallMs: number): Sending {
  const stalled = new AbortController();
  const watch = setTimeout(() => {
    stalled.abort(new Error(`not a byte moved for ${stallMs / 1000} s`));
  }, stallMs);
  const body = Readable.toWeb(Readable.from(moving(file, () => watch.refresh())));
  return {
    init: { body, duplex: 'half', signal: stalled.signal } as RequestInit,
    settle: () => {
      clearTimeout(watch);
    },
  };
}

/** The file in pieces; each is asked for when those before have left. */
async function* moving(file: string, tell: () => void): AsyncGenerator<Buffer> {
  for await (const piece of createReadStream(file)) {
    tell();
    yield piece as Buffer;
  }
}

/**
 * Header on every refusal of the exchange itself. A gateway on the way says 404 too while no worker is behind it, and for that
 * nobody may give up the results of a training.
 */
export const REFUSED_BY_EXCHANGE = 'x-understudy-exchange-refused';

/** A refusal that waiting cannot mend ends the courier; anything else is thrown to be tried again. */
async function refuseOthers(answer: Response, what: string): Promise<void> {
  if (answer.ok) return;
  const said = `${what} was answered ${answer.status}: ${(await answer.text()).slice(0, 300)}`;
  if (answer.status === 401 || answer.status === 403) throw new CourierEnd(77, said);
  const known = answer.headers.has(REFUSED_BY_EXCHANGE);
  if (known && (answer.status === 404 || answer.status === 409)) throw new CourierEnd(78, said);
  throw new Error(said);
}

function sayCause(error: unknown): string {
  const { cause, message } = error as { cause?: { message?: string }; message?: string };
  return [message, cause?.message].filter(Boolean).join(': ');
}

/** SHA-256 (hex) of a text. */
export function textDigest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
