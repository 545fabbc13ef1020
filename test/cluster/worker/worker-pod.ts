import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CoreV1Api } from '@kubernetes/client-node';
import type { V1Pod } from '@kubernetes/client-node';
import { createFileEvidence } from '../../../activities/adapters/file-evidence.ts';
import { playWith } from '../../lifecycle/people.ts';
import { MANIFESTS, namedFiles } from '../../infra/kubernetes/manifests.ts';
import { imageOf } from '../cluster.ts';
import { execIn } from './exec.ts';
import type { Executed } from './exec.ts';
import { installWorker, NOBODYS } from './installed-worker.ts';

/** The worker of the shipped manifests, its state in a folder of this machine, and the people who speak to it. */
export async function openWorkerPod() {
  const state = await mkdtemp(path.join(tmpdir(), 'understudy-worker-'));
  const here = await installWorker(state);
  const core = here.config.makeApiClient(CoreV1Api);
  return {
    ...playWith({
      client: here.client,
      evidence: createFileEvidence({ root: path.join(state, 'evidence') }),
      folder: state,
    }),
    ...here,
    state,
    /** A copy of `infra/kubernetes` in which a person has changed what `docs/operations.md` tells to. */
    copyManifests: async (to: string): Promise<void> => {
      const [name = '', digest = ''] = imageOf('worker').split('@');
      const all = [...here.edits, ['registry.example/understudy/worker', name], [`sha256:${NOBODYS}`, digest]] as const;
      await mkdir(to, { recursive: true });
      for (const file of ['kustomization.yaml', ...(await namedFiles())]) {
        const text = await readFile(path.join(MANIFESTS, file), 'utf8');
        const edited = all.reduce((now, [from, into]) => now.replaceAll(from, into), text);
        await writeFile(path.join(to, file), here.renamed(edited));
      }
    },
    /** `kubectl exec deployment/understudy-worker -- COMMAND`. */
    exec: async (pod: V1Pod, ...command: readonly string[]): Promise<Executed> =>
      await execIn(here.config, pod, command),
    /** The owner of something that a run left behind. */
    addAnchor: async (name: string): Promise<void> => {
      await core.createNamespacedConfigMap({ namespace: here.train, body: { metadata: { name } } });
    },
    close: async (): Promise<void> => {
      await here.close();
      await rm(state, { recursive: true });
    },
  };
}

export type WorkerPod = Awaited<ReturnType<typeof openWorkerPod>>;
