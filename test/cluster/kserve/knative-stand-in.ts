import type { InferenceService } from '../../../activities/adapters/kserve/objects.ts';
import type { ModelServer } from './model-server.ts';

/** What the stand-in remembers of a service: its revisions in order, and which were rolled out. */
interface Revisions {
  readonly uris: string[];
  rolledOut: number;
  before: number;
}
const known = new Map<string, Revisions>();

/**
 * The status as KServe's source makes it in Knative mode: every model is a revision; the newest has `canaryTrafficPercent`,
 * at the first rollout always 100; the rest goes to the one rolled out last, under the tag `prev`.
 */
export async function knativeStatus(
  { metadata, spec }: InferenceService,
  serve: (revision: string, uri: string) => Promise<ModelServer>,
): Promise<object> {
  const key = `${metadata.namespace}/${metadata.name}`;
  const revisions = known.get(key) ?? { uris: [], rolledOut: -1, before: -1 };
  known.set(key, revisions);
  const { newest, percent } = rollOut(revisions, spec);
  const nameOf = (index: number) => `${metadata.name}-predictor-${String(index + 1).padStart(5, '0')}`;
  const target = async (index: number, share: number, tag: string) => {
    const server = await serve(`${key} ${nameOf(index)}`, revisions.uris[index] ?? '');
    const url = `http://${server.address}:${server.port}`;
    return { revisionName: nameOf(index), latestRevision: tag === 'latest', percent: share, tag, url };
  };
  const traffic = [await target(newest, percent, 'latest')];
  if (percent < 100) traffic.push(await target(revisions.rolledOut, 100 - percent, 'prev'));
  return {
    deploymentMode: 'Knative',
    url: `http://${metadata.name}.${metadata.namespace}.example.com`,
    conditions: [{ type: 'Ready', status: 'True' }],
    components: {
      predictor: {
        latestReadyRevision: nameOf(newest),
        latestCreatedRevision: nameOf(newest),
        latestRolledoutRevision: nameOf(revisions.rolledOut),
        traffic,
      },
    },
  };
}

/** The newest revision and its share; notes which one is rolled out, and that a return from 100 percent goes one back. */
function rollOut(revisions: Revisions, { predictor }: InferenceService['spec']) {
  const uri = predictor.model?.storageUri ?? '';
  if (revisions.uris.at(-1) !== uri) revisions.uris.push(uri);
  const newest = revisions.uris.length - 1;
  const percent = revisions.rolledOut < 0 ? 100 : (predictor.canaryTrafficPercent ?? 100);
  if (percent === 100 && revisions.rolledOut !== newest) {
    revisions.before = revisions.rolledOut;
    revisions.rolledOut = newest;
  } else if (percent < 100 && revisions.rolledOut === newest && revisions.before >= 0) {
    revisions.rolledOut = revisions.before;
  }
  return { newest, percent };
}
