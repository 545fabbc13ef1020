import type { ModelRegistry } from '../../ports/model-registry.ts';
import { createMlflowClient } from './client.ts';
import type { MlflowConnection } from './client.ts';
import { isNotFound } from './errors.ts';
import { registerVersion, toRegistered } from './registration.ts';
import { closeRun, openRun } from './runs.ts';
import { tagPairs } from './tags.ts';

export interface MlflowRegistryOptions extends MlflowConnection {
  /** The experiment that holds all runs; made when absent. */
  readonly experiment: string;
  /**
   * Added to what a trainer is given: its own credentials, never ours, which may move the champion.
   */
  readonly trainerEnvironment?: Readonly<Record<string, string>>;
  /** How long a new version may take to become READY; default 60 s. */
  readonly readyWithinMs?: number;
}

export interface MlflowRegistry extends ModelRegistry {
  /**
   * Asks for the server's version and then takes a real route: the version is answered even to those whom the host check
   * turns away. Throws what is wrong, with the hint that mends it.
   */
  probe(): Promise<{ readonly version: string }>;
}

/** The registry in MLflow 3 (older servers store artifacts at the run). */
export function createMlflowRegistry(options: MlflowRegistryOptions): MlflowRegistry {
  const client = createMlflowClient(options);
  return {
    openRun: async (request) => {
      const run = await openRun(client, options.experiment, request);
      return { ...run, environment: { ...run.environment, ...options.trainerEnvironment } };
    },
    closeRun: async (runId, status, tags) => await closeRun(client, runId, status, tags),
    register: async (request) => await registerVersion(client, request, options.readyWithinMs ?? 60_000),
    version: async (model, version) =>
      await orElse(undefined, async () =>
        toRegistered((await client.call('getVersion', { name: model, version })).model_version),
      ),
    aliases: async (model) =>
      await orElse({}, async () => {
        const { registered_model } = await client.call('getModel', { name: model });
        return Object.fromEntries(registered_model.aliases.map(({ alias, version }) => [alias, version]));
      }),
    setAlias: async (model, alias, version) => {
      await client.call('setAlias', { name: model, alias, version });
    },
    removeAlias: async (model, alias) =>
      await orElse(undefined, async () => {
        await client.call('deleteAlias', { name: model, alias });
      }),
    setVersionTags: async (model, version, tags) => {
      for (const tag of tagPairs(tags)) await client.call('setVersionTag', { name: model, version, ...tag });
    },
    setModelTags: async (model, tags) => {
      for (const tag of tagPairs(tags)) await client.call('setModelTag', { name: model, ...tag });
    },
    probe: async () => {
      const version = await client.serverVersion();
      await orElse(undefined, async () => {
        await client.call('experimentByName', { experiment_name: options.experiment });
      });
      return { version };
    },
  };
}

/** What is not there is an answer; everything else that goes wrong is not. */
async function orElse<T>(nothing: T, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (isNotFound(error)) return nothing;
    throw error;
  }
}
