import type { GetObjectCommandOutput } from '@aws-sdk/client-s3';
import { createHash, type Hash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { PortFailure } from '../../ports/port-failure.ts';
import type { Connected } from './connect.ts';
import { s3Failure } from './failures.ts';
import type { RemoteObject } from './objects.ts';
import { parseS3 } from './uri.ts';

interface Download extends Connected {
  readonly object: RemoteObject;
  readonly signal: AbortSignal | undefined;
}

interface Received {
  readonly file: FileHandle;
  readonly hash: Hash;
  bytes: number;
  /** SHA-256 (base64) that the server keeps of the whole object; `null`: none. Absent: it has not answered yet. */
  declared?: string | null;
}

/** So many times in a row may a connection break without one more byte. */
const FRUITLESS = 4;
const BACKOFF_MS = 200;

/**
 * Writes the object to a new file and answers its SHA-256. Every part is asked for under the etag of the listing, so that parts
 * of two contents never meet; a connection that breaks is taken up where it broke.
 * @throws `data-changed` when the object is not that of the listing any more, `object-digest` when the bytes are not those of
 *   which the server keeps a checksum, `unavailable` when it cannot be read to its end.
 */
export async function downloadTo(path: string, download: Download): Promise<string> {
  const file = await open(path, 'wx');
  const received: Received = { file, hash: createHash('sha256'), bytes: 0 };
  try {
    let fruitless = 0;
    while (received.bytes < download.object.bytes || received.declared === undefined) {
      const before = received.bytes;
      const failure = await receive(download, received);
      fruitless = received.bytes > before ? 0 : fruitless + 1;
      if (failure !== undefined && (failure.code !== 'unavailable' || fruitless >= FRUITLESS)) throw failure;
      if (failure !== undefined) await pause(BACKOFF_MS * 2 ** fruitless, undefined, { signal: download.signal });
    }
    await file.sync();
  } finally {
    await file.close();
  }
  refuseOther(received, download.object);
  return received.hash.digest('hex');
}

/** Takes what comes until the object is whole or the connection breaks; why it broke. */
async function receive(download: Download, received: Received): Promise<PortFailure | undefined> {
  const { object, signal } = download;
  try {
    const answer = await ask(download, received.bytes);
    received.declared ??= (answer.ChecksumType === 'COMPOSITE' ? undefined : answer.ChecksumSHA256) ?? null;
    for await (const chunk of answer.Body as AsyncIterable<Uint8Array>) {
      received.hash.update(chunk);
      await received.file.writeFile(chunk);
      received.bytes += chunk.byteLength;
    }
    if (received.bytes >= object.bytes) return undefined;
    throw new Error(`the connection ended after ${received.bytes} of ${object.bytes} bytes`);
  } catch (error) {
    signal?.throwIfAborted();
    return changed(s3Failure(error, 'fetch', object.uri), object);
  }
}

async function ask({ sdk, client, object, signal }: Download, from: number): Promise<GetObjectCommandOutput> {
  const { bucket, key } = parseS3(object.uri);
  const command = new sdk.GetObjectCommand({
    Bucket: bucket,
    Key: key,
    IfMatch: `"${object.etag}"`,
    ChecksumMode: 'ENABLED',
    ...(from === 0 ? {} : { Range: `bytes=${from}-` }),
  });
  return await client.send(command, signal === undefined ? {} : { abortSignal: signal });
}

/** A precondition that failed and an object that is gone mean the same here: what was listed is there no more. */
function changed(failure: PortFailure, { uri }: RemoteObject): PortFailure {
  if (failure.code !== 'object-exists' && failure.code !== 'not-found') return failure;
  const what = failure.code === 'not-found' ? 'removed' : 'replaced';
  return new PortFailure('data-changed', `${uri} was ${what} while it was fetched; nothing of it is used`, {
    cause: failure,
    details: failure.details,
  });
}

function refuseOther({ hash, bytes, declared = null }: Received, object: RemoteObject): void {
  const found = hash.copy().digest('base64');
  const isOther = declared !== null && declared !== found;
  if (bytes === object.bytes && !isOther) return;
  const message = isOther
    ? `the bytes of ${object.uri} have SHA-256 ${found} (base64), the server keeps ${declared}`
    : `${object.uri} has ${bytes} bytes, its listing says ${object.bytes}`;
  throw new PortFailure('object-digest', `${message}; nothing of it is used`, { details: { uri: object.uri } });
}
