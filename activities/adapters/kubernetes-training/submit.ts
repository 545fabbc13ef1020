import { readdir, stat } from 'node:fs/promises';
import { join, posix, relative, sep } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { V1Job } from '@kubernetes/client-node';
import { canonicalJson } from '../../../scorecards/canonical-json.ts';
import { fileDigest } from '../../artifact.ts';
import { PortFailure } from '../../ports/port-failure.ts';
import type { TrainingJob } from '../../ports/training-backend.ts';
import { ensureAnchor, unless } from '../kubernetes/anchor.ts';
import { alreadyExists, isNotFound } from '../kubernetes/errors.ts';
import type { ExchangeFolder, ServedFile } from './exchange-folder.ts';
import { exchangeToken } from './exchange.ts';
import { ANNOTATIONS, LABELS } from './labels.ts';
import { POD_PATHS, podSpec } from './manifest-paths.ts';
import { buildJob } from './manifest.ts';
import type { BuiltJob } from './manifest.ts';
import type { KubernetesTrainingOptions } from './training-backend.ts';

const LOOK_EVERY_MS = 250;

/**
 * Creates the Job, or adopts the one of this name that was built from the same. A Job that was created once and is gone
 * is never created again under its name: `inspect` says that it vanished.
 */
export async function submit(
  options: KubernetesTrainingOptions,
  folder: ExchangeFolder,
  job: TrainingJob,
): Promise<void> {
  const { client, platform } = options;
  // Everything that is wrong with the job itself is said before anything is there.
  const { specSha256 } = buildJob(job, platform);
  if ((await folder.created()) !== undefined) {
    const found = await unless(isNotFound, async () => await client.getJob(job.name));
    if (found === undefined) return;
    if (!isLeaving(found)) {
      await adopt(found, specSha256, folder);
      return;
    }
  }
  await folder.prepare(
    {
      mode: job.spec.mode,
      seed: job.spec.seed,
      checkpoints: job.checkpoints,
      deadlineMs: job.deadlineMs,
      queueDeadlineMs: job.placement?.queueDeadlineMs ?? 0,
      retries: job.retries,
      ...(job.placement?.disruptions === undefined ? {} : { disruptions: job.placement.disruptions }),
      files: await servedFiles(job),
      ...(job.placement?.gpu?.claim === undefined ? {} : { accelerators: job.placement.gpu.count }),
    },
    canonicalJson(podSpec(job)),
  );
  await createJob(options, folder, job);
}

async function createJob(options: KubernetesTrainingOptions, folder: ExchangeFolder, job: TrainingJob): Promise<void> {
  const { client, platform, secret } = options;
  const waitMs = options.leavingMs ?? 30_000;
  const giveUpAt = Date.now() + waitMs;
  const labels = { [LABELS.managedBy]: 'understudy' };
  for (;;) {
    const anchor = await ensureAnchor(client, job.name, { labels, waitMs });
    const built = buildJob(job, platform, { anchor, token: exchangeToken(secret, job.name) });
    const made = await createOnce(options, built);
    if (made) {
      await folder.recordCreated({ uid: made.metadata?.uid ?? '', anchor: anchor.uid });
      return;
    }
    const found = await unless(isNotFound, async () => await client.getJob(job.name));
    if (found && !isLeaving(found)) {
      await adopt(found, built.specSha256, folder);
      return;
    }
    if (Date.now() > giveUpAt) {
      throw new PortFailure('conflict', `a Job named ${job.name} is still being deleted after ${waitMs / 1000} s`);
    }
    await pause(LOOK_EVERY_MS);
  }
}

async function createOnce({ client }: KubernetesTrainingOptions, built: BuiltJob): Promise<V1Job | undefined> {
  const { service, job } = built;
  if (service) await unless(alreadyExists, async () => await client.createService(service));
  return await unless(alreadyExists, async () => await client.createJob(job));
}

async function adopt(found: V1Job, specSha256: string, folder: ExchangeFolder): Promise<void> {
  const { name, uid, annotations, labels, ownerReferences } = found.metadata ?? {};
  const theirs = annotations?.[ANNOTATIONS.spec];
  if (labels?.[LABELS.managedBy] !== 'understudy' || theirs !== specSha256) {
    throw new PortFailure(
      'job-conflict',
      `a Job named ${name} is there with digest ${theirs ?? 'none'}, submitted was ${specSha256}`,
    );
  }
  const anchor = ownerReferences?.find(({ kind }) => kind === 'ConfigMap')?.uid;
  if ((await folder.created()) !== undefined) return;
  await folder.recordCreated({ uid: uid ?? '', ...(anchor === undefined ? {} : { anchor }) });
}

function isLeaving({ metadata }: V1Job): boolean {
  return metadata?.deletionTimestamp !== undefined;
}

/** The spec's files, and in mode `predict` all files of the artifact. */
async function servedFiles({ spec }: TrainingJob): Promise<ServedFile[]> {
  const files = spec.files.map(({ name, path, bytes, sha256 }) => ({ to: name, from: path, bytes, sha256 }));
  return spec.artifact === undefined ? files : [...files, ...(await artifactFiles(spec.artifact))];
}

/** All files of an artifact, by digest, and where they go in a pod. */
export async function artifactFiles(directory: string): Promise<ServedFile[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch((cause: unknown) => {
    throw new PortFailure('bad-request', `the artifact ${directory} cannot be read: ${String(cause)}`, { cause });
  });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return await Promise.all(
    files.map(async (from) => ({
      to: posix.join(
        posix.relative(POD_PATHS.data, POD_PATHS.artifact),
        relative(directory, from).split(sep).join('/'),
      ),
      from,
      bytes: (await stat(from)).size,
      sha256: await fileDigest(from),
    })),
  );
}
