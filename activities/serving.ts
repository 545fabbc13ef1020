import type { RunRecord } from '../scorecards/records/run-record.ts';
import type { RunContext } from '../scorecards/run.ts';
import type { AppliedPolicy } from '../scorecards/trigger.ts';
import type { EvidenceRef } from '../scorecards/vocabulary.ts';
import { appliedOf, beating, getJson } from './context.ts';
import type { Ports } from './context.ts';
import { PortFailure } from './ports/port-failure.ts';
import type { KserveHost, RunningServer, ServerPlacement } from './ports/serving.ts';

/** A version that can answer requests. */
export interface ServedVersion {
  readonly version: string;
  readonly url: string;
  readonly log: string;
}

export function createServing(ports: Pick<Ports, 'serving' | 'registry' | 'evidence'>) {
  return {
    /** Starts the server of a version from its own record, or adopts the one that runs; it is ready and names itself. */
    async ensureServer(input: {
      readonly context: RunContext;
      readonly version: string;
      readonly record: EvidenceRef;
    }): Promise<ServedVersion> {
      const { context, version } = input;
      const applied = await appliedOf(ports.evidence, context);
      const record = await getJson<RunRecord>(ports.evidence, input.record);
      await checkArtifact(ports, context.model, version, record);
      const { champion } = await ports.registry.aliases(context.model);
      const wanted = {
        model: context.model,
        version,
        record,
        run: context.run,
        ...(champion === undefined ? {} : { champion }),
      };
      const server = await beating(({ signal }) => serveVersion(ports, applied, wanted, signal));
      return { version, url: server.url, log: server.log };
    },

    /** Nothing there is success. */
    async stopServer(input: { readonly model: string; readonly version: string }): Promise<void> {
      // Pods have their grace, and a gateway the time to forget them.
      await beating(() => ports.serving.stop(input.model, input.version));
    },
  };
}

/** An artifact that is not what was registered is found before it gets any traffic (RP5). */
async function checkArtifact(
  ports: Pick<Ports, 'registry'>,
  model: string,
  version: string,
  record: RunRecord,
): Promise<void> {
  const registered = await ports.registry.version(model, version);
  if (registered && registered.artifactDigest === record.artifact?.digest) return;
  throw new PortFailure(
    'artifact-changed',
    `version ${version} of ${model} is registered with artifact ${registered?.artifactDigest ?? '(none)'}, its run record says ${record.artifact?.digest ?? '(none)'}`,
  );
}

interface Wanted {
  readonly model: string;
  readonly version: string;
  readonly record: RunRecord;
  /** The version that serves now: whoever takes its place is served as it is. */
  readonly champion?: string;
  readonly run?: string;
}

/** The server of a version, by the command and the image in its own record. */
export async function serveVersion(
  ports: Pick<Ports, 'serving' | 'evidence'>,
  applied: AppliedPolicy,
  wanted: Wanted,
  signal?: AbortSignal,
): Promise<RunningServer> {
  const { serving } = applied.policy.spec;
  const { record, model, version } = wanted;
  const means = serving && startOf(serving, applied, wanted);
  if (!serving || !means || !record.artifact) {
    throw new PortFailure(
      'bad-request',
      `a server was asked for version ${version} of ${model}, and nothing says how to start it: expected serving.command ` +
        'for backend process, serving.image for a cluster, serving.storageUri for KServe',
      { details: { field: 'spec.serving' } },
    );
  }
  const placement = means.image === undefined ? undefined : placementOf(applied, wanted, means.image);
  const request = {
    model,
    version,
    artifact: means.kserve === undefined ? await ports.evidence.placeTree(record.artifact.manifest) : '',
    command: means.command,
    folder: record.serving?.folder ?? applied.folder,
    readyWithinMs: serving.readyWithin,
    http: serving.http,
    ...known({ placement, kserve: means.kserve }),
  };
  return ports.serving.ensure(request, signal);
}

type ServingPolicy = NonNullable<AppliedPolicy['policy']['spec']['serving']>;
interface Means {
  readonly command: readonly string[];
  readonly image?: string;
  readonly kserve?: KserveHost;
}

function startOf(serving: ServingPolicy, applied: AppliedPolicy, wanted: Wanted): Means | undefined {
  if (serving.backend !== 'kserve') return meansOf(serving, wanted.record);
  const kserve = kserveOf(applied, wanted);
  return kserve && { command: [], kserve };
}

/**
 * What starts this version: what its record says, or today's policy when the record is of another kind of backend, for the
 * command of a process means nothing in an image.
 */
function meansOf(serving: ServingPolicy, { serving: recorded }: RunRecord): Means | undefined {
  const { command = [], image, backend } = serving;
  if (backend === 'process') {
    const own = recorded?.image === undefined && recorded !== undefined && recorded.command.length > 0;
    const means = { command: own ? recorded.command : command };
    return means.command.length === 0 ? undefined : means;
  }
  if (recorded?.image !== undefined) return recorded;
  return image === undefined ? undefined : { command, image };
}

/** Where KServe finds this very version: by the template in its own record, for buckets move. */
function kserveOf({ policy }: AppliedPolicy, { model, version, record }: Wanted): KserveHost | undefined {
  const { serving, traffic } = policy.spec;
  const template = record.serving?.storageUri ?? serving?.storageUri;
  if (traffic === undefined || template === undefined) return undefined;
  const storageUri = template
    .replaceAll('{model}', model)
    .replaceAll('{version}', version)
    .replaceAll('{mlflowRun}', record.run.trackingRunId ?? '')
    .replaceAll('{digest}', (record.artifact?.digest ?? '').replace(/^sha256:/, ''));
  return { service: traffic.route, mode: traffic.mode ?? 'standard', storageUri };
}

function placementOf({ policy }: AppliedPolicy, wanted: Wanted, image: string): ServerPlacement {
  const { metadata, spec } = policy;
  const { replicas, resources = {} } = spec.serving ?? {};
  const { run, champion, version } = wanted;
  return {
    backend: 'kubernetes',
    image,
    ...known({ run, team: metadata.team, costCentre: metadata.costCentre, replicas, ...resources }),
    ...(champion === undefined || champion === version ? {} : { champion }),
  };
}

/** Leaves out what is not known: a key with `undefined` is no key in JSON. */
function known<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
