import { AuthorizationV1Api, RbacAuthorizationV1Api } from '@kubernetes/client-node';
import type { KubeConfig, V1PolicyRule, V1Role } from '@kubernetes/client-node';
import { ofKind } from '../../infra/kubernetes/manifests.ts';
import type { Manifest } from '../../infra/kubernetes/manifests.ts';
import { present } from '../../present.ts';
import { until } from '../cluster.ts';
import type { ShippedWorld } from './shipped-world.ts';

/** One verb of one rule of a shipped Role. */
export interface Grant {
  readonly role: string;
  /** Place of the Role among the shipped ones: an installation may give it another name. */
  readonly place: number;
  /** Place of the rule in its Role. */
  readonly rule: number;
  readonly verb: string;
  readonly group: string;
  /** `pods` or `pods/log`. */
  readonly resource: string;
  /** Empty where the rule does not go by name. */
  readonly name: string;
}

export function grantsIn(manifests: readonly Manifest[]): readonly Grant[] {
  return ofKind<V1Role>(manifests, 'Role').flatMap(({ metadata, rules = [] }, place) =>
    rules.flatMap(({ apiGroups = [], resources = [], resourceNames = [''], verbs }, rule) =>
      apiGroups.flatMap((group) =>
        resources.flatMap((resource) =>
          resourceNames.flatMap((name) =>
            verbs.map((verb) => ({ role: metadata.name, place, rule, verb, group, resource, name })),
          ),
        ),
      ),
    ),
  );
}

/** `understudy-train: create jobs`, `understudy-rollout: patch httproutes flights`. */
export function sayGrant({ role, verb, resource, name }: Grant): string {
  return `${role}: ${verb} ${resource}${name === '' ? '' : ` ${name}`}`;
}

/** Takes one verb away from the shipped account while `act` runs. Returns what `act` failed with. */
export async function without(world: ShippedWorld, grant: Grant, act: () => Promise<unknown>): Promise<unknown> {
  const { metadata, rules = [] } = present(ofKind<V1Role>(world.manifests, 'Role')[grant.place]);
  const { name } = metadata;
  const namespace = present(metadata.namespace);
  const rbac = world.config.makeApiClient(RbacAuthorizationV1Api);
  const write = async (now: V1PolicyRule[]): Promise<void> => {
    await rbac.replaceNamespacedRole({ name, namespace, body: { metadata: { name, namespace }, rules: now } });
  };
  const isAllowed = async (wanted: boolean): Promise<void> => {
    await until(`${sayGrant(grant)} is ${wanted ? 'allowed' : 'refused'}`, async () =>
      (await may(world.worker, namespace, grant)) === wanted ? true : undefined,
    );
  };
  await write(rules.map((rule, index) => (index === grant.rule ? lessOne(rule, grant.verb) : rule)).filter(isOne));
  await isAllowed(false);
  try {
    await act();
    return undefined;
  } catch (error) {
    return error;
  } finally {
    await write(rules);
    await isAllowed(true);
  }
}

function lessOne(rule: V1PolicyRule, verb: string): V1PolicyRule {
  return Object.assign({}, rule, { verbs: rule.verbs.filter((one) => one !== verb) });
}

/** The API server refuses a rule without verbs. */
function isOne({ verbs }: V1PolicyRule): boolean {
  return verbs.length > 0;
}

async function may(config: KubeConfig, namespace: string, { verb, group, resource: path, name }: Grant) {
  const [resource = '', subresource = ''] = path.split('/');
  const resourceAttributes = { namespace, verb, group, resource, subresource, name };
  const { status } = await config
    .makeApiClient(AuthorizationV1Api)
    .createSelfSubjectAccessReview({ body: { spec: { resourceAttributes } } });
  return status?.allowed ?? false;
}
