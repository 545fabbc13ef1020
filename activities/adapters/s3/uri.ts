import { PortFailure } from '../../ports/port-failure.ts';

export interface S3Place {
  readonly bucket: string;
  /** Without a leading `/`; may be empty. */
  readonly key: string;
}

/** `s3://bucket/key` in its parts. Throws `bad-request` for anything else. */
export function parseS3(uri: string): S3Place {
  const [, bucket, key = ''] = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/s.exec(uri) ?? [];
  if (bucket !== undefined) return { bucket, key };
  throw new PortFailure('bad-request', `"${uri}" names no object; expected s3://bucket/key`, { details: { uri } });
}
