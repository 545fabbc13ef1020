import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { CoreV1Api, KubeConfig, KubernetesObjectApi } from '@kubernetes/client-node';
import type { KubernetesObject } from '@kubernetes/client-node';
import { parseAllDocuments } from 'yaml';
import { artifactDigest } from '../../../activities/artifact.ts';
import { createOpening, RECORD_TAG } from '../../../activities/opening.ts';
import type { PreflightFinding } from '../../../activities/ports/preflight.ts';
import { examine } from '../../../clients/doctor.ts';
import type { PolicyFile } from '../../../clients/policy-file.ts';
import type { PolicyInput } from '../../../scorecards/policy/schema.ts';
import { loadSettings } from '../../../workers/settings-file.ts';
import { wirePorts } from '../../../workers/wiring.ts';
import { createMemoryEvidence } from '../../fakes/memory-evidence.ts';
import { createMemoryRegistry } from '../../fakes/memory-registry.ts';
import { applied } from '../../lifecycle/policies.ts';
import { imageOf, makeNamespace } from '../cluster.ts';

type Spec = Partial<PolicyInput['spec']>;

/** What both places say about a policy under these settings. */
export interface Said {
  /** What the doctor finds in cluster and gateway. */
  readonly doctor: readonly PreflightFinding[];
  /** Why a run is refused when it opens; `undefined` when it may begin. */
  readonly refused: string | undefined;
}

/** A namespace, accounts in it, and settings that name both. */
export async function makeDoctorWorld() {
  const space = await makeNamespace('doctor');
  const folder = await mkdtemp(path.join(os.tmpdir(), 'understudy-doctor-'));
  const core = space.config.makeApiClient(CoreV1Api);
  const objects = KubernetesObjectApi.makeApiClient(space.config);
  const registry = await registryWithChampion(folder);
  const evidence = createMemoryEvidence();
  let runs = 0;

  const write = async (name: string, text: string): Promise<string> => {
    await writeFile(path.join(folder, name), text);
    return name;
  };
  const platform = async (more: object = {}): Promise<string> => {
    const courier = { image: imageOf('worker'), exchange: 'http://worker.example:9466' };
    return write(`platform-${(runs += 1)}.yaml`, JSON.stringify({ namespace: space.name, courier, ...more }));
  };
  const settings = async (kubernetes: object): Promise<string> => {
    const section = { kubeconfig: await write('admin', space.config.exportConfig()), ...kubernetes };
    const closed = { temporal: { address: '127.0.0.1:1' }, mlflow: { uri: 'http://127.0.0.1:1' } };
    const named = 'platform' in kubernetes ? {} : { platform: await platform() };
    const file = `settings-${(runs += 1)}.yaml`;
    return path.join(folder, await write(file, JSON.stringify({ ...closed, kubernetes: { ...named, ...section } })));
  };
  const training: PolicyInput['spec']['training'] = {
    backend: 'kubernetes',
    image: imageOf('trainer'),
    command: ['python3', 'train.py'],
    resources: { cpu: 0.1, memory: '64Mi' },
  };

  return {
    namespace: space.name,
    /** Writes the operator's settings with this section `kubernetes`; their file. */
    settings,
    training,
    platform,
    objects,
    /** A kubeconfig with the token of a new account of this name, which may do nothing yet. */
    async account(name: string): Promise<string> {
      await core.createNamespacedServiceAccount({ namespace: space.name, body: { metadata: { name } } });
      const body = { spec: { audiences: [], expirationSeconds: 3600 } };
      const { status } = await core.createNamespacedServiceAccountToken({ name, namespace: space.name, body });
      const own = new KubeConfig();
      const cluster = space.config.getCurrentCluster();
      if (cluster === null || status === undefined) throw new Error(`no token for ${name}`);
      own.loadFromClusterAndUser(cluster, { name, token: status.token });
      return write(`kubeconfig-${name}`, own.exportConfig());
    },
    /** As after a log-out: the token is well-formed and nobody accepts it any more. */
    async revoke(name: string): Promise<void> {
      await core.deleteNamespacedServiceAccount({ namespace: space.name, name });
    },
    /** What a person does with the lines behind a finding's first. */
    async paste(next: string | undefined): Promise<void> {
      const [, ...lines] = (next ?? '').split('\n');
      const documents = parseAllDocuments(lines.join('\n')).map((one) => one.toJS() as KubernetesObject);
      for (const body of documents) await objects.create(body);
    },
    /** The same question at both places: a run of a model that has a champion, and so a shadow. */
    async ask(kubernetes: object, change: Spec): Promise<Said> {
      const config = await settings(kubernetes);
      const order = applied('churn', folder, change);
      const silent = { write: () => undefined, color: false };
      const screen = { out: silent, err: silent, json: true, columns: 80, canAsk: false, config, identity: 'test' };
      const all = await examine(screen, [{ policy: order.policy, scorecard: order.scorecard } as PolicyFile]);
      const file = await loadSettings(config);
      const { gateway, preflight } = wirePorts(file, () => undefined);
      const opening = createOpening(
        { registry, evidence, gateway, ...(preflight ? { preflight } : {}) },
        { links: {} },
      );
      const run = `retrain/churn/${(runs += 1)}`;
      const trigger = { kind: 'manual', key: run, asOf: '2026-03-01T00:00:00.000Z', by: 'test' } as const;
      const input = { schemaVersion: 1, run, model: 'churn', trigger, receivedAt: trigger.asOf } as const;
      const { refused } = await opening.openRun({ ...input, applied: order });
      return { doctor: all.filter(({ name }) => !OTHERS.has(name)), refused };
    },
    async close(): Promise<void> {
      await space.remove();
      await rm(folder, { recursive: true });
    },
  };
}
async function registryWithChampion(folder: string) {
  const registry = createMemoryRegistry();
  await writeFile(path.join(folder, 'model.txt'), 'a model');
  const sha256 = createHash('sha256').update('a model').digest('hex');
  const files = [{ path: 'model.txt', bytes: 7, sha256 }];
  const dataset = { name: 'd', digest: sha256, source: 'memory:' };
  const first = { model: 'churn', key: 'first', name: 'first', startedAtMs: 0, params: {}, tags: {}, dataset };
  const { runId } = await registry.openRun(first);
  await registry.register({
    model: 'churn',
    key: 'first',
    runId,
    artifact: { directory: folder, files },
    record: {
      paramsDigest: sha256,
      datasetDigest: sha256,
      environmentHash: sha256,
      artifactDigest: artifactDigest(files),
    },
    tags: { [RECORD_TAG]: JSON.stringify({ uri: 'memory:', sha256, bytes: 7 }) },
  });
  await registry.setAlias('churn', 'champion', '1');
  return registry;
}

export type DoctorWorld = Awaited<ReturnType<typeof makeDoctorWorld>>;

/** The doctor's finding of this name. */
export function named({ doctor }: Said, name: string): PreflightFinding | undefined {
  return doctor.find((one) => one.name.startsWith(name));
}

/** The problem of this name in the words of both places; where they do not agree, what each of them says. */
export function refusal(said: Said, name: string): string {
  const { refused = '' } = said;
  const { next, state, text } = named(said, name) ?? {};
  const agree = state === 'problem' && refused.includes(`${text} · next: ${next}`);
  return agree ? `${text}` : `not refused at both places: ${JSON.stringify(said)}`;
}

/** What the doctor looks at besides cluster and gateway. */
const OTHERS = new Set(['temporal', 'mlflow', 'gateway', 'state', 'python', 'approval.trust']);
