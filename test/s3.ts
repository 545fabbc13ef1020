import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { CreateBucketCommand, DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { S3Options } from '../activities/adapters/s3/connect.ts';
import { createS3Objects } from '../activities/adapters/s3/objects.ts';
import type { RemoteObject, S3Objects } from '../activities/adapters/s3/objects.ts';
import { freePorts } from '../infra/stack/free-port.ts';
import type { Program } from '../infra/stack/programs.ts';
import { pythonBin } from '../infra/python.ts';

const LOOPBACK = '127.0.0.1';
export const KEYS = { accessKeyId: 'understudy', secretAccessKey: 'of-the-tests' };

export interface Seaweedfs {
  readonly program: Program;
  readonly endpoint: string;
  /** Sockets that it makes outside of its folder, and leaves there when it is killed. */
  readonly litter: readonly string[];
}

/** SeaweedFS with all its parts in one process, small, on loopback; who signs with `KEYS` may do everything. */
export async function seaweedfs(folder: string): Promise<Seaweedfs> {
  const parts = ['master', 'volume', 'filer', 's3'];
  const names = parts.flatMap((part) => [part, `${part}.grpc`]);
  const ports = await freePorts(names.length);
  const given = names.map((name, index) => `-${name.replace(/(\.grpc)?$/, '.port$1')}=${ports[index]}`);
  const config = path.join(folder, 's3.json');
  const credentials = [{ accessKey: KEYS.accessKeyId, secretKey: KEYS.secretAccessKey }];
  await writeFile(config, JSON.stringify({ identities: [{ name: 'tests', credentials, actions: ['Admin'] }] }));
  const program = {
    file: pythonBin('weed'),
    args: [
      '-logtostderr=true',
      'server',
      `-dir=${folder}`,
      `-ip=${LOOPBACK}`,
      `-ip.bind=${LOOPBACK}`,
      ...given,
      '-filer',
      '-s3',
      '-s3.port.iceberg=0',
      '-s3.port.lance=0',
      `-filer.localSocket=${path.join(folder, 'filer.sock')}`,
      `-s3.localSocket=${path.join(folder, 's3.sock')}`,
      `-s3.config=${config}`,
      '-volume.max=20',
      '-master.volumeSizeLimitMB=32',
    ],
    env: {},
  };
  const litter = parts.map((part) => `/tmp/seaweedfs-${part}-grpc-${ports[names.indexOf(`${part}.grpc`)]}.sock`);
  return { program, endpoint: `http://${LOOPBACK}:${ports[names.indexOf('s3')]}`, litter };
}

const BUCKET = 'tests';

/**
 * A place of one's own on the server, and a client that did not come from our adapter. All share one bucket: each bucket of
 * SeaweedFS takes several of its volumes.
 */
export async function createPlace(endpoint: string) {
  const own = randomUUID();
  const client = new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true, credentials: KEYS });
  await client.send(new CreateBucketCommand({ Bucket: BUCKET })).catch((error: Error) => {
    if (!error.name.startsWith('BucketAlready')) throw error;
  });
  const options: S3Options = { endpoint, region: 'us-east-1', pathStyle: true, credentials: KEYS };
  return {
    uri: `s3://${BUCKET}/${own}`,
    options,
    put: async (key: string, body: Uint8Array | string, more: { sha256?: boolean } = {}) => {
      const checksum = more.sha256 === true ? ({ ChecksumAlgorithm: 'SHA256' } as const) : {};
      await client.send(
        new PutObjectCommand({ Bucket: BUCKET, Key: `${own}/${key}`, Body: Buffer.from(body), ...checksum }),
      );
    },
    remove: async (key: string) => {
      await client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: `${own}/${key}` }));
    },
  };
}

/** The objects of `place`, and what was downloaded through them, by key; `before` may break a download. */
export function recordDownloads(place: Place, before?: (object: RemoteObject, path: string) => Promise<void>) {
  const real = createS3Objects(place.options);
  const fetched: string[] = [];
  const objects: S3Objects = {
    ...real,
    download: async (object, path, signal) => {
      fetched.push(object.uri.slice(place.uri.length + 1));
      await before?.(object, path);
      return await real.download(object, path, signal);
    },
  };
  return { objects, fetched };
}

export type Place = Awaited<ReturnType<typeof createPlace>>;
