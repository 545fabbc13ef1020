import type { V1Deployment, V1EnvVar, V1PodSpec, V1ResourceRequirements } from '@kubernetes/client-node';
import type { ServerPlacement } from '../../ports/serving.ts';
import { RESERVED_ENV } from '../kubernetes-training/manifest-platform.ts';
import { byteQuantity, cpuQuantity } from '../kubernetes-training/manifest-quantities.ts';
import { SERVER_CONTAINER } from './names.ts';

const DEFAULT_CPU = 1;
const DEFAULT_MEMORY = 1024 ** 3;

/** Where pods run, as far as a person may have decided it at the champion. */
const PLACES = ['nodeSelector', 'tolerations', 'affinity', 'priorityClassName'] as const;

/** What a server takes over from the champion's Deployment, or gets by default when there is none. */
export interface Inherited {
  readonly replicas: number;
  readonly resources: V1ResourceRequirements;
  readonly place: Pick<V1PodSpec, (typeof PLACES)[number]>;
  /** Variables of the champion's server that are not ours. */
  readonly env: readonly V1EnvVar[];
}

/**
 * The challenger is to differ from the champion in its model and in nothing else, also where somebody changed the champion
 * by hand. What the policy asks for wins, except that there are never fewer pods: all traffic may come.
 */
export function inherit(placement: ServerPlacement, champion: V1Deployment | undefined): Inherited {
  const pod = champion?.spec?.template.spec;
  const server = pod?.containers.find(({ name }) => name === SERVER_CONTAINER);
  const asked = placement.replicas ?? 1;
  return {
    replicas: Math.max(asked, champion?.spec?.replicas ?? 0),
    resources: resourcesOf(placement, server?.resources),
    place: Object.fromEntries(PLACES.flatMap((field) => (pod?.[field] === undefined ? [] : [[field, pod[field]]]))),
    env: (server?.env ?? []).filter(({ name }) => !RESERVED_ENV.test(name)),
  };
}

/** Requests equal limits: champion and challenger are measured side by side and must not take from each other. */
function resourcesOf({ cpu, memory, gpu }: ServerPlacement, champion?: V1ResourceRequirements): V1ResourceRequirements {
  const amounts = {
    cpu: cpu === undefined ? (champion?.limits?.['cpu'] ?? cpuQuantity(DEFAULT_CPU)) : cpuQuantity(cpu),
    memory:
      memory === undefined ? (champion?.limits?.['memory'] ?? byteQuantity(DEFAULT_MEMORY)) : byteQuantity(memory),
    ...gpus(gpu, champion),
  };
  return { requests: amounts, limits: { ...amounts } };
}

const GPU = 'nvidia.com/gpu';

function gpus(asked: number | undefined, champion?: V1ResourceRequirements): Record<string, string> {
  const count = asked === undefined ? champion?.limits?.[GPU] : String(asked);
  return count === undefined || count === '0' ? {} : { [GPU]: count };
}
