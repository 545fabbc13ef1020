import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMlflowRegistry } from '../../../../activities/adapters/mlflow/registry.ts';
import type { MlflowRegistry } from '../../../../activities/adapters/mlflow/registry.ts';
import { requestFor, runFor } from '../../../contracts/model-registry.ts';
import { httpProxy } from '../../../faults/http-proxy.ts';
import type { HttpProxy } from '../../../faults/http-proxy.ts';
import { mlflowServer } from '../../../servers.ts';
import { restOf } from './rest.ts';

/** A run as MLflow's REST API tells of it. */
export interface ToldRun {
  readonly info: { readonly run_id: string };
  readonly data: { readonly tags: readonly unknown[] };
}

export const newKey = (): string => `${randomUUID()}/training/0`;

/** A real MLflow with an experiment of its own, reached straight or through a proxy that spoils what passes. */
export async function openFaultyMlflow() {
  const experiment = `faults-${randomUUID()}`;
  const { uri } = await mlflowServer();
  const rest = restOf(uri);
  const straight = createMlflowRegistry({ uri, experiment });
  const root = await mkdtemp(join(tmpdir(), 'mlflow-faults-'));
  return {
    uri,
    rest,
    experiment,
    /** Not through a proxy. */
    straight,
    throughProxy: async (): Promise<{ readonly proxy: HttpProxy; readonly registry: MlflowRegistry }> => {
      const proxy = await httpProxy(uri);
      return { proxy, registry: createMlflowRegistry({ uri: proxy.uri, experiment, timeoutMs: 2_000 }) };
    },
    /** What registers a version of a new model. */
    candidate: async () => {
      const model = `model-${randomUUID()}`;
      const { runId } = await straight.openRun(runFor(model, newKey()));
      return await requestFor(model, runId, { root });
    },
    runsWith: async (key: string): Promise<readonly ToldRun[]> => {
      const { json: found } = await rest.get('experiments/get-by-name', { experiment_name: experiment });
      const { experiment_id } = (found as { experiment: { experiment_id: string } }).experiment;
      const filter = `tags.\`understudy.idempotency_key\` = '${key}'`;
      const { json } = await rest.send('POST', 'runs/search', { experiment_ids: [experiment_id], filter });
      return (json as { runs?: readonly ToldRun[] }).runs ?? [];
    },
    close: async () => rm(root, { recursive: true, force: true }),
  };
}

export type FaultyMlflow = Awaited<ReturnType<typeof openFaultyMlflow>>;
