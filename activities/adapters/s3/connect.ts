import type * as sdk from '@aws-sdk/client-s3';

export interface S3Options {
  /** Absent: Amazon's of the region. */
  readonly endpoint?: string;
  readonly region: string;
  /** The bucket is part of the path instead of the host name; most servers of one's own want that. */
  readonly pathStyle: boolean;
  /** Keys that a listing asks for at once; absent: as many as the server gives. */
  readonly pageSize?: number;
  /** Asked once only, and given up after so long: for whoever waits for the answer. Absent: as long as work may take. */
  readonly patienceMs?: number;
  /** Absent: environment, profile, web identity or instance, as every program of Amazon looks for them. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

export interface Connected {
  readonly sdk: typeof sdk;
  readonly client: sdk.S3Client;
}

/** A connection is waited for so long, and so long may one stand still that is open. */
const WORKING = { maxAttempts: 4, requestHandler: { connectionTimeout: 5_000, socketTimeout: 60_000 } };
const impatient = (ms: number) => ({
  maxAttempts: 1,
  requestHandler: { connectionTimeout: ms, requestTimeout: ms, throwOnRequestTimeout: true },
});

/** Whatever goes wrong arrives as an exception; the SDK's own lines would stand in the middle of a command's table. */
const silent = (): void => undefined;
const SILENT = { trace: silent, debug: silent, info: silent, warn: silent, error: silent };

/** The client, made at the first call: most policies name no object, and the SDK takes a while to load. */
export function connector(options: S3Options): () => Promise<Connected> {
  let connected: Promise<Connected> | undefined;
  return async () => {
    connected ??= load(options);
    return await connected;
  };
}

async function load({ endpoint, region, pathStyle, patienceMs, credentials }: S3Options): Promise<Connected> {
  const loaded = await import('@aws-sdk/client-s3');
  const client = new loaded.S3Client({
    region,
    forcePathStyle: pathStyle,
    ...(patienceMs === undefined ? WORKING : impatient(patienceMs)),
    logger: SILENT,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(credentials === undefined ? {} : { credentials }),
  });
  return { sdk: loaded, client };
}
