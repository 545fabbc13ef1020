import type { RunRecord } from '../scorecards/records/run-record.ts';
import type { RunContext } from '../scorecards/run.ts';
import type { AppliedPolicy } from '../scorecards/trigger.ts';
import type { EvidenceRef } from '../scorecards/vocabulary.ts';
import { appliedOf, beating, getJson } from './context.ts';
import type { Ports } from './context.ts';
import { PortFailure } from './ports/port-failure.ts';
import type { RunningServer } from './ports/serving.ts';

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
      const server = await beating(() => serveVersion(ports, applied, { model: context.model, version, record }));
      return { version, url: server.url, log: server.log };
    },

    /** Nothing there is success. */
    async stopServer(input: { readonly model: string; readonly version: string }): Promise<void> {
      await ports.serving.stop(input.model, input.version);
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

type Wanted = { readonly model: string; readonly version: string; readonly record: RunRecord };

/** The server of a version, by the command in its own record. */
export async function serveVersion(
  ports: Pick<Ports, 'serving' | 'evidence'>,
  applied: AppliedPolicy,
  wanted: Wanted,
): Promise<RunningServer> {
  const { serving } = applied.policy.spec;
  const { record, model, version } = wanted;
  const command = record.serving?.command ?? serving?.command;
  if (!serving || !command || !record.artifact) {
    throw new PortFailure('bad-request', `${model} has no serving.command: a server was asked for version ${version}`);
  }
  return ports.serving.ensure({
    model,
    version,
    artifact: await ports.evidence.placeTree(record.artifact.manifest),
    command,
    folder: record.serving?.folder ?? applied.folder,
    readyWithinMs: serving.readyWithin,
    http: serving.http,
  });
}
