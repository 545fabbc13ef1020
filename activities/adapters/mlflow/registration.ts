import { setTimeout as pause } from 'node:timers/promises';
import { PortFailure } from '../../ports/port-failure.ts';
import type { FourFields, RegisterVersion, RegisteredVersion } from '../../ports/model-registry.ts';
import type { MlflowClient } from './client.ts';
import type { WireVersion } from './endpoints.ts';
import { alreadyExists, isNotFound } from './errors.ts';
import { DUPLICATE_TAG, KEY_TAG, ensureOne, hasKey, quoted } from './keyed.ts';
import { findSource } from './source.ts';
import { tagPairs } from './tags.ts';

const ARTIFACT_TAG = 'understudy.artifact_digest';

/** Where each of the four fields is tagged, and what a person calls it. */
const FIELDS: Readonly<Record<keyof FourFields, { tag: string; called: string }>> = {
  paramsDigest: { tag: 'understudy.params_digest', called: 'params' },
  datasetDigest: { tag: 'understudy.snapshot_digest', called: 'dataset version' },
  environmentHash: { tag: 'understudy.environment_hash', called: 'environment hash' },
  artifactDigest: { tag: ARTIFACT_TAG, called: 'artifact digest' },
};

/** Throws `record-incomplete` that names what is missing: such a model could not be made again (RP1). */
export function completeRecord(model: string, record: Partial<FourFields>): FourFields {
  const missing = Object.entries(FIELDS)
    .filter(([field]) => !record[field as keyof FourFields])
    .map(([, { called }]) => called);
  if (missing.length === 0) return record as FourFields;
  throw new PortFailure(
    'record-incomplete',
    `${model} is not registered: its record has no ${missing.join(', no ')}; expected all four`,
    { details: { missing: missing.join(', ') } },
  );
}

/** Makes the version of a key, or adopts it; answers once MLflow calls it ready. */
export async function registerVersion(
  client: MlflowClient,
  request: RegisterVersion,
  readyWithinMs: number,
): Promise<RegisteredVersion> {
  const record = completeRecord(request.model, request.record);
  const fields = Object.entries(FIELDS).map(([field, { tag }]) => [tag, record[field as keyof FourFields]]);
  const tags = tagPairs({ ...request.tags, ...Object.fromEntries(fields), [KEY_TAG]: request.key });
  const version = await ensureOne(`a version for ${request.key}`, {
    search: async () => await versionsWithKey(client, request.model, request.key),
    create: async () => {
      const { run } = await client.call('getRun', { run_id: request.runId });
      const source = await findSource(client, request, run);
      await ensureModel(client, request.model);
      await client.call('createVersion', { name: request.model, run_id: request.runId, ...source, tags });
    },
    order: (a, b) => Number(a.version) - Number(b.version),
    isMarked: (extra) => DUPLICATE_TAG in extra.tags,
    mark: async (extra, kept) =>
      await client.call('setVersionTag', {
        name: extra.name,
        version: extra.version,
        key: DUPLICATE_TAG,
        value: kept.version,
      }),
  });
  assertSame(version, request, record.artifactDigest);
  return await untilReady(client, version, readyWithinMs);
}

export function toRegistered(version: WireVersion): RegisteredVersion {
  return {
    model: version.name,
    version: version.version,
    artifactDigest: version.tags[ARTIFACT_TAG] ?? '',
    source: version.source,
    runId: version.run_id,
    ready: version.status === 'READY',
    tags: version.tags,
    createdAt: new Date(version.creation_timestamp).toISOString(),
  };
}

async function versionsWithKey(client: MlflowClient, model: string, key: string): Promise<readonly WireVersion[]> {
  const filter = `name = ${quoted(model)} and ${hasKey(key)}`;
  return (await client.call('searchVersions', { filter, max_results: 1_000 })).model_versions;
}

async function ensureModel(client: MlflowClient, name: string): Promise<void> {
  try {
    await client.call('getModel', { name });
  } catch (error) {
    if (!isNotFound(error)) throw error;
    await client.call('createModel', { name }).catch((raced: unknown) => {
      if (!alreadyExists(raced)) throw raced;
    });
  }
}

function assertSame(version: WireVersion, request: RegisterVersion, artifactDigest: string): void {
  const held = version.tags[ARTIFACT_TAG];
  if (held === artifactDigest && version.run_id === request.runId) return;
  throw new PortFailure(
    'registry-conflict',
    `version ${version.version} of ${request.model} was registered for the same request (${request.key}) from run ` +
      `${version.run_id} with artifact ${held ?? 'unknown'}; this is run ${request.runId} with ${artifactDigest}`,
  );
}

async function untilReady(
  client: MlflowClient,
  { name, version }: WireVersion,
  withinMs: number,
): Promise<RegisteredVersion> {
  const giveUpAt = Date.now() + withinMs;
  for (;;) {
    const { model_version: found } = await client.call('getVersion', { name, version });
    if (found.status === 'READY') return toRegistered(found);
    if (found.status === 'FAILED_REGISTRATION') {
      throw new PortFailure('registry-conflict', `MLflow could not register version ${version} of ${name}`);
    }
    if (Date.now() > giveUpAt) {
      throw new PortFailure('not-ready', `version ${version} of ${name} is ${found.status} after ${withinMs} ms`);
    }
    await pause(250);
  }
}
