import path from 'node:path';
import { createObjectCache } from '../activities/adapters/s3/object-cache.ts';
import type { S3Options } from '../activities/adapters/s3/connect.ts';
import { createS3Objects } from '../activities/adapters/s3/objects.ts';
import type { S3Objects } from '../activities/adapters/s3/objects.ts';
import { createObjectsPreflight } from '../activities/adapters/s3/preflight.ts';
import type { ObjectsPreflight } from '../activities/adapters/s3/preflight.ts';
import { createRemoteData } from '../activities/adapters/s3/remote-data.ts';
import type { DataStore } from '../activities/ports/data-store.ts';
import type { SettingsFile } from './settings-file.ts';

/** Where `s3://` is, by the operator's settings. Nothing is connected yet. */
export function wireObjects({ settings }: SettingsFile, more: Pick<S3Options, 'patienceMs'> = {}): S3Objects {
  const { endpoint, region, pathStyle = endpoint !== undefined } = settings.s3;
  return createS3Objects({ region, pathStyle, ...(endpoint === undefined ? {} : { endpoint }), ...more });
}

/** For a person who waits: one try, and no longer than this. */
export function objectsPreflight(file: SettingsFile, patienceMs: number): ObjectsPreflight {
  return createObjectsPreflight(wireObjects(file, { patienceMs }));
}

/** The same questions, also of policies whose data are objects; they are fetched into `objects` of the state directory. */
export function withObjects(file: SettingsFile, data: DataStore): DataStore {
  const { keep: keepMs } = file.settings.s3;
  return createRemoteData(data, createObjectCache(wireObjects(file), path.join(file.stateDir, 'objects'), { keepMs }));
}
