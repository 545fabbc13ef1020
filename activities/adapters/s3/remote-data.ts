import { fileDigest } from '../../artifact.ts';
import { isRemote } from '../../paths.ts';
import type { DataStore, SnapshotRequest, Work } from '../../ports/data-store.ts';
import { PortFailure } from '../../ports/port-failure.ts';
import type { DataSource } from '../../../scorecards/contracts/trainer.ts';
import type { Span } from '../../../scorecards/vocabulary.ts';
import type { ObjectCache } from './object-cache.ts';

type Data = SnapshotRequest['data'];

/** Without a declared maturity the holdout is looked for in so many buckets. */
const LOOK_BACK = 31;

const UNWATCHED: Work = { signal: new AbortController().signal, progress: () => undefined };

/**
 * A data store whose policies may name `s3://bucket/…/day=*` instead of files: whatever a question is about is fetched first,
 * once, and then read as a file. Other paths pass through.
 */
export function createRemoteData(files: DataStore, cache: ObjectCache): DataStore {
  const local = async (path: string, span: Span | undefined, work: Work): Promise<string> =>
    isRemote(path) ? await cache.bring(path, span, work) : path;
  const localData = async (data: Data, span: Span, work: Work): Promise<Data> => ({
    ...data,
    observations: { ...data.observations, path: await local(data.observations.path, span, work) },
    labels: { ...data.labels, path: await local(data.labels.path, span, work) },
  });

  return {
    ...files,
    partitions: async (request) =>
      files.partitions({ ...request, path: await local(request.path, request.span, UNWATCHED) }),
    features: async (request, work) => {
      const path = await local(request.data.observations.path, request.span, work);
      const data = { ...request.data, observations: { ...request.data.observations, path } };
      return await files.features({ ...request, data }, work);
    },
    snapshot: async (request, work) => {
      const data = await localData(request.data, spanOf(request), work);
      const taken = await files.snapshot({ ...request, data }, work).catch(async (error: unknown) => {
        throw await orDamaged(cache, error);
      });
      const origins: DataSource[] = [];
      for (const { path, sha256 } of taken.sources) {
        const fetched = cache.origin(path);
        if (fetched === undefined) continue;
        if (fetched.sha256 !== sha256) throw await damaged(cache, path, { sha256, ...fetched.source });
        origins.push(fetched.source);
      }
      return origins.length === 0 ? taken : { ...taken, origins };
    },
  };
}

/** Everything that a snapshot may look at. */
function spanOf({ asOf, dataset, data, bucketMs }: SnapshotRequest): Span {
  const reach = dataset.train + dataset.holdout + data.labels.maturity + LOOK_BACK * bucketMs;
  const at = Date.parse(asOf);
  return { from: new Date(at - reach).toISOString(), until: new Date(at + 1).toISOString() };
}

/** A file that cannot be read may be a copy that was damaged here: then the object itself may be whole. */
async function orDamaged(cache: ObjectCache, error: unknown): Promise<unknown> {
  const file = error instanceof PortFailure ? error.details['file'] : undefined;
  const fetched = typeof file === 'string' ? cache.origin(file) : undefined;
  if (typeof file !== 'string' || fetched === undefined) return error;
  const sha256 = await fileDigest(file).catch(() => 'unknown');
  return sha256 === fetched.sha256 ? error : await damaged(cache, file, { sha256, ...fetched.source });
}

async function damaged(
  cache: ObjectCache,
  path: string,
  found: { readonly sha256: string; readonly uri: string },
): Promise<PortFailure> {
  await cache.distrust(path);
  return new PortFailure(
    'data-changed',
    `the copy of ${found.uri} in the cache is not what was fetched (its SHA-256 is ${found.sha256} now); it is fetched again`,
    { details: { file: path, uri: found.uri } },
  );
}
