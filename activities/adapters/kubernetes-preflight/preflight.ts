import type { KubeConfig } from '@kubernetes/client-node';
import type { Policy } from '../../../scorecards/policy/schema.ts';
import { patiently } from '../../patiently.ts';
import { PortFailure } from '../../ports/port-failure.ts';
import type { Preflight, PreflightFinding } from '../../ports/preflight.ts';
import type { PlatformTemplate } from '../kubernetes-training/manifest-platform.ts';
import { createPreflightApi } from './api.ts';
import type { PreflightApi } from './api.ts';
import { lookAtRights } from './rights.ts';
import type { RightsQuestion, ShippedRole } from './rights.ts';
import { lookAtServers } from './servers.ts';
import { lookAtTraining } from './training.ts';

export interface Cluster {
  readonly config: KubeConfig;
  readonly platform: PlatformTemplate;
  /** Where the HTTPRoutes are, and who serves them; absent: the settings name no Gateway. */
  readonly routes?: {
    readonly namespace: string;
    /** What the settings say of the GatewayClass, and how that is held against the class itself. */
    readonly class: { readonly controller: string } | undefined;
    readonly compareClass: () => Promise<readonly PreflightFinding[]>;
  };
  /** Where KServe serves; absent: the settings name none. */
  readonly kserve?: { readonly namespace: string };
}

export interface KubernetesPreflightOptions {
  /** Reads the settings; throws for what is wrong with them, and is `undefined` when they name no cluster. */
  readonly cluster: () => Promise<Cluster | undefined>;
  readonly roles: () => Promise<readonly ShippedRole[]>;
}

/** Looks at the cluster that the settings name. */
export function createKubernetesPreflight({ cluster, roles }: KubernetesPreflightOptions): Preflight {
  return {
    look: async (policy) => {
      if (policy !== undefined && askedOf(policy).length === 0) return [];
      try {
        const found = await cluster().catch((error: unknown) => {
          throw wrongSettings(error);
        });
        if (found === undefined) return policy === undefined ? [] : [noCluster(policy)];
        return await lookAt(found, await roles(), policy);
      } catch (error) {
        if (!(error instanceof PortFailure)) throw error;
        return [unusable(error)];
      }
    },
  };
}

/** A file that cannot be read is an error of Node; here it is something that a person can mend. */
function wrongSettings(cause: unknown): PortFailure {
  if (cause instanceof PortFailure) return cause;
  return new PortFailure('bad-request', cause instanceof Error ? cause.message : String(cause), { cause });
}

/** The fields by which a policy asks for a cluster, with what stands in them. */
function askedOf({ spec }: Policy): string[] {
  const { data, serving, traffic, training } = spec;
  return [
    ...(data.pull?.image === undefined ? [] : [`spec.data.pull.image ${data.pull.image}`]),
    ...(training.backend === 'process' ? [] : [`spec.training.backend ${training.backend}`]),
    ...(serving === undefined || serving.backend === 'process' ? [] : [`spec.serving.backend ${serving.backend}`]),
    ...(traffic === undefined || traffic.gateway === 'traefik-file' ? [] : [`spec.traffic.gateway ${traffic.gateway}`]),
  ];
}

async function lookAt(cluster: Cluster, roles: readonly ShippedRole[], policy?: Policy): Promise<PreflightFinding[]> {
  const { config, platform } = cluster;
  const api = createPreflightApi(config);
  const user = await patiently(PASSING, async () => await api.whoAmI());
  const role = (name: string) => roles.find((one) => one.name === name);
  const pulls = policy?.spec.data.pull?.image !== undefined;
  const trains = policy === undefined || policy.spec.training.backend === 'kubernetes' || pulls;
  const questions = [servingRights, kserveRights, routeRights].flatMap((ask) => ask(cluster, policy));
  const findings = await Promise.all([
    trains ? lookAtTraining({ api, platform, user, role: role('understudy-train') }, policy) : [],
    ...questions.map(async ({ of, ...question }) => lookAtRights(api, { ...question, role: role(of), user })),
    lookAtClass(api, cluster, policy),
  ]);
  const known: PreflightFinding = { name: 'cluster', state: 'ok', text: `${api.server}, as ${user}` };
  return [known, ...findings.flat(), ...lookAtServers(platform, policy)];
}

type RoleQuestion = Omit<RightsQuestion, 'role' | 'user'> & { readonly of: string };

function servingRights({ platform }: Cluster, policy?: Policy): RoleQuestion[] {
  const serves = policy === undefined || policy.spec.serving?.backend === 'kubernetes';
  return serves && platform.serving ? [{ of: 'understudy-serving', namespace: platform.serving.namespace }] : [];
}

/** Rules that go by name speak of the InferenceService, which is the route. */
function kserveRights({ kserve }: Cluster, policy?: Policy): RoleQuestion[] {
  const { serving, traffic } = policy?.spec ?? {};
  const asked = policy === undefined || serving?.backend === 'kserve' || traffic?.gateway === 'kserve';
  if (kserve === undefined || !asked) return [];
  const named = traffic === undefined ? {} : byRoute(traffic.route);
  return [{ of: 'understudy-kserve', namespace: kserve.namespace, optional: notTheGateway, ...named }];
}

/** Whether the Gateway can be read is found out by reading it: it may lie in another namespace. */
const notTheGateway: NonNullable<RightsQuestion['optional']> = ({ resource }) =>
  resource === 'gateways' ? { needed: false, for: 'reading the Gateway' } : undefined;

/** The manifests call their example flights. */
function byRoute(route: string): Pick<RightsQuestion, 'named'> {
  return { named: (shipped) => shipped.replace(/^flights/, route) };
}

/** A class belongs to no namespace: most workers may not read one, and a request that is known to be refused is not made. */
async function lookAtClass(
  api: PreflightApi,
  { routes }: Cluster,
  policy?: Policy,
): Promise<readonly PreflightFinding[]> {
  const asked = policy === undefined || policy.spec.traffic?.gateway === 'httproute';
  if (!asked || routes?.class === undefined) return [];
  if (await api.may({ group: 'gateway.networking.k8s.io', resource: 'gatewayclasses', verb: 'get' }))
    return routes.compareClass();
  const text = 'not checked: whether the GatewayClass is as kubernetes.gateway.class says; it may not be read';
  return [{ name: 'gateway class', state: 'warning', text }];
}

/** Whether a route can be read at all is the gateway's own question; here is what will be written. */
function routeRights({ routes }: Cluster, policy?: Policy): RoleQuestion[] {
  if (routes === undefined) return [];
  const { namespace } = routes;
  const traffic = policy?.spec.traffic;
  if (policy !== undefined && traffic?.gateway !== 'httproute') return [];
  const mirrors = routes.class?.controller === 'traefik.io/gateway-controller' && policy?.spec.shadow.skip === false;
  const optional: RightsQuestion['optional'] = (right) => {
    const { name = '', resource, verb } = right;
    if (resource === 'traefikservices' || name.endsWith('-probe'))
      return { needed: mirrors, for: 'mirroring with Traefik' };
    if (resource !== 'httproutes' || (verb !== 'create' && verb !== 'delete')) return notTheGateway(right);
    return { needed: traffic?.ownership !== 'adopted', for: 'routes of our own' };
  };
  const named = traffic === undefined ? {} : byRoute(traffic.route);
  return [{ of: 'understudy-rollout', namespace, optional, ...named }];
}

const PASSING: readonly PortFailure['code'][] = ['unavailable', 'rate-limited', 'timeout'];

function noCluster(policy: Policy): PreflightFinding {
  return {
    name: 'cluster',
    state: 'problem',
    text: `${policy.metadata.name} asks for ${askedOf(policy).join(', ')}, and the settings name no cluster`,
    next: 'add to understudy.config.yaml:\nkubernetes: { platform: platform.yaml }',
  };
}

function unusable({ code, message, next }: PortFailure): PreflightFinding {
  return { name: 'cluster', state: 'problem', text: message, next: next ?? CURES[code] ?? CURE };
}

const CURE = 'have the API server looked at: kubectl get --raw /readyz';
const CURES: Partial<Readonly<Record<PortFailure['code'], string>>> = {
  'bad-request': 'correct kubernetes in understudy.config.yaml, or set KUBECONFIG',
  unauthorised: 'log in again and renew the kubeconfig, or mount a fresh ServiceAccount token',
  unavailable: 'check the address, and that the API server runs: kubectl get --raw /readyz',
  timeout: 'check the address, and that the API server runs: kubectl get --raw /readyz',
  'malformed-answer': 'look at what answers under this address: a proxy page is no answer',
};
