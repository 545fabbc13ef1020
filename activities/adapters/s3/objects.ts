import type { _Object } from '@aws-sdk/client-s3';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { PortFailure } from '../../ports/port-failure.ts';
import { connector } from './connect.ts';
import type { Connected, S3Options } from './connect.ts';
import { downloadTo } from './download.ts';
import { s3Failure } from './failures.ts';
import { parseS3 } from './uri.ts';

/** An object as a listing names it. */
export interface RemoteObject {
  readonly uri: string;
  /** Without quotes; another content has another one. */
  readonly etag: string;
  readonly bytes: number;
}

/** A local file with its size, where a body would be too large for memory. */
export interface FileBody {
  readonly path: string;
  readonly bytes: number;
}

interface Listing {
  readonly after?: string;
  /** Ends when a page has brought so many. */
  readonly atLeast?: number;
  readonly signal?: AbortSignal;
}

export interface S3Objects {
  /** Every object whose key begins with the prefix, ascending, from `after` on. A bucket without any is `[]`. */
  list(prefix: string, more?: Listing): Promise<readonly RemoteObject[]>;
  /** Resolves when the object's bytes may be read; they are not. Throws as reading would. */
  readable(object: RemoteObject): Promise<void>;
  /** Writes exactly this state of the object to a new file; its SHA-256. A download that breaks off goes on where it broke. */
  download(object: RemoteObject, path: string, signal?: AbortSignal): Promise<string>;
  /** The bytes of a small object; nothing there is `undefined`. */
  read(uri: string): Promise<Uint8Array | undefined>;
  /** Writes an object that is not there yet. Throws `object-exists` when it is; that one stays as it was. */
  putNew(uri: string, body: Uint8Array | FileBody): Promise<void>;
  /** Nothing there is nothing to do. In a bucket with versions the earlier ones stay. */
  remove(uri: string): Promise<void>;
}

const IN_MEMORY_BYTES = 8_000_000;

/** Objects of S3 or of a server that speaks its protocol. */
export function createS3Objects(options: S3Options): S3Objects {
  const connect = connector(options);
  return {
    list: async (prefix, more = {}) => {
      const paging = options.pageSize === undefined ? {} : { pageSize: options.pageSize };
      return await listObjects({ ...(await connect()), paging }, prefix, more);
    },
    download: async (object, path, signal) => downloadTo(path, { ...(await connect()), object, signal }),
    readable: async ({ uri }) => headObject(await connect(), uri),
    read: async (uri) => readObject(await connect(), uri),
    putNew: async (uri, body) => putObject(await connect(), uri, body),
    remove: async (uri) => removeObject(await connect(), uri),
  };
}

async function listObjects(
  { sdk, client, paging }: Connected & { readonly paging: { readonly pageSize?: number } },
  prefix: string,
  { after, atLeast = Infinity, signal }: Listing,
): Promise<readonly RemoteObject[]> {
  const { bucket, key } = parseS3(prefix);
  const start = after === undefined ? {} : { StartAfter: parseS3(after).key };
  const found: RemoteObject[] = [];
  try {
    for await (const page of sdk.paginateListObjectsV2(
      { client, ...paging },
      { Bucket: bucket, Prefix: key, ...start },
    )) {
      signal?.throwIfAborted();
      found.push(...(page.Contents ?? []).map((object) => asListed(bucket, object)));
      if (found.length >= atLeast) break;
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw s3Failure(error, 'list', prefix);
  }
  return found;
}

function asListed(bucket: string, { Key = '', ETag = '', Size = 0 }: _Object): RemoteObject {
  return { uri: `s3://${bucket}/${Key}`, etag: ETag.replaceAll('"', ''), bytes: Size };
}

async function headObject({ sdk, client }: Connected, uri: string): Promise<void> {
  const { bucket, key } = parseS3(uri);
  try {
    await client.send(new sdk.HeadObjectCommand({ Bucket: bucket, Key: key }));
  } catch (error) {
    throw s3Failure(error, 'read', uri);
  }
}

async function readObject({ sdk, client }: Connected, uri: string): Promise<Uint8Array | undefined> {
  const { bucket, key } = parseS3(uri);
  try {
    const { Body } = await client.send(new sdk.GetObjectCommand({ Bucket: bucket, Key: key }));
    return await Body?.transformToByteArray();
  } catch (error) {
    const failure = s3Failure(error, 'read', uri);
    if (failure.code === 'not-found' && !/NoSuchBucket/.test(failure.message)) return undefined;
    throw failure;
  }
}

async function putObject({ sdk, client }: Connected, uri: string, body: Uint8Array | FileBody): Promise<void> {
  const { bucket, key } = parseS3(uri);
  const content = await contentOf(body);
  try {
    await client.send(new sdk.PutObjectCommand({ Bucket: bucket, Key: key, IfNoneMatch: '*', ...content }));
  } catch (error) {
    const failure = s3Failure(error, 'write', uri);
    if (failure.code !== 'object-exists') throw failure;
    throw new PortFailure('object-exists', `${uri} is there already, and what is written once is never replaced`, {
      cause: error,
      details: failure.details,
    });
  }
}

async function removeObject({ sdk, client }: Connected, uri: string): Promise<void> {
  const { bucket, key } = parseS3(uri);
  try {
    await client.send(new sdk.DeleteObjectCommand({ Bucket: bucket, Key: key }));
  } catch (error) {
    throw s3Failure(error, 'remove', uri);
  }
}

/** What fits into memory is sent again when the connection breaks; a stream can be read only once, and its caller tries again. */
async function contentOf(body: Uint8Array | FileBody) {
  if (!('path' in body)) return { Body: body };
  if (body.bytes <= IN_MEMORY_BYTES) return { Body: await readFile(body.path) };
  return { Body: createReadStream(body.path), ContentLength: body.bytes };
}
