import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createDuckdbDataStore } from '../../../activities/adapters/duckdb/data-store.ts';
import { createFileEvidence } from '../../../activities/adapters/file-evidence.ts';
import { createProcessTraining } from '../../../activities/adapters/process-training/training-backend.ts';
import { severalTrainingBackends } from '../../../activities/adapters/several-training.ts';
import type { TrainingBackend } from '../../../activities/ports/training-backend.ts';
import { putJson } from '../../../activities/context.ts';
import { createPull, pullOf } from '../../../activities/pull.ts';
import type { PullRecord } from '../../../activities/pull.ts';
import { pythonPath } from '../../../infra/python.ts';
import type { PolicyInput } from '../../../scorecards/policy/schema.ts';
import type { RunContext } from '../../../scorecards/run.ts';
import { inDuckdb } from '../../lifecycle/data.ts';
import { applied } from '../../lifecycle/policies.ts';

export const AS_OF = '2001-01-20T06:00:00.000Z';

type Pull = PolicyInput['spec']['data']['pull'];
interface More {
  readonly pullSql?: string;
  readonly dataset?: PolicyInput['spec']['dataset'];
  /** Numbers. */
  readonly features?: readonly string[];
}

/** A folder of a policy, with the activities that pull its data, on real processes, DuckDB and files. */
export async function createPullWorld(
  environment: Readonly<Record<string, string>> = {},
  kubernetes?: TrainingBackend,
) {
  const folder = await mkdtemp(join(tmpdir(), 'understudy-pull-'));
  const at = (name: string) => join(folder, name);
  const evidence = createFileEvidence({ root: at('evidence') });
  const process = createProcessTraining({
    root: at('jobs'),
    hostEnvironment: { ...environment, PATH: [pythonPath(), '/usr/bin', '/bin'].join(':') },
    backoffMs: 10,
  });
  const data = createDuckdbDataStore({ temporaryDirectory: at('tmp'), threads: 1 });
  const training = severalTrainingBackends({ process, ...(kubernetes ? { kubernetes } : {}) });
  const activities = createPull({ data, evidence, training }, { checkpoints: at('checkpoints') });
  return {
    folder,
    training,
    evidence,
    /** Copies a program of this folder to the policy's. */
    give: async (name: string) => copyFile(fileURLToPath(new URL(name, import.meta.url)), at(name)),
    context: async (run: string, pull: Pull, more: More = {}): Promise<RunContext> => {
      const { pullSql, dataset, features } = more;
      const policy = applied('hours', folder, {
        training: { command: ['train'], retries: 0, grace: '2s', resources: { cpu: 0.1, memory: '256Mi' } },
        ...(dataset ? { dataset } : {}),
        data: {
          pull,
          ...(features ? { features: features.map((name) => ({ name, type: 'continuous' as const })) } : {}),
          observations: { path: 'observations/day=*/*.parquet', time: 'seen', id: 'id' },
          labels: { path: 'labels/day=*/*.parquet', id: 'id', label: 'y', availableAt: 'known_at' },
        },
      });
      const ref = await putJson(evidence, pullSql === undefined ? policy : { ...policy, pullSql });
      return { run, model: 'hours', asOf: AS_OF, folder, applied: ref, generation: 1, bootstrap: true };
    },
    pull: async (context: RunContext): Promise<PullRecord | undefined> => {
      await activities.pullData({ context });
      return pullOf(evidence, context);
    },
    rows: async (select: string) => inDuckdb(async (run) => run(select.replaceAll('{folder}', folder))),
    close: async () => rm(folder, { recursive: true, force: true }),
  };
}

export type PullWorld = Awaited<ReturnType<typeof createPullWorld>>;
