import { GATEWAY_GROUP } from './objects.ts';
import type { Condition, GatewayObject, HttpRoute, ParentRef } from './objects.ts';

export interface GatewayName {
  readonly name: string;
  readonly namespace: string;
  /** The listener; without it, all of the gateway's listeners. */
  readonly sectionName?: string;
}

export type Loaded = { readonly loaded: true } | { readonly loaded: false; readonly why: string };

/**
 * Whether the control plane has taken the route as it stands (level L2). An HTTPRoute has no Programmed condition, and
 * Accepted does not mean that traffic flows: the data plane is judged from counters. `controllerName` undefined (the
 * GatewayClass may not be read) takes the entry of any controller.
 */
export function judgeLoaded(
  route: HttpRoute,
  gateway: GatewayObject,
  name: GatewayName,
  controllerName: string | undefined,
): Loaded {
  const namespace = route.metadata.namespace ?? '';
  const wanted = (route.spec.parentRefs ?? []).filter((ref) => pointsAt(ref, name, namespace));
  if (wanted.length === 0) return not(`the route has no parentRef to the gateway ${name.namespace}/${name.name}`);
  for (const ref of wanted) {
    const why = parentFault(route, ref, controllerName);
    if (why !== undefined) return not(why);
  }
  const why = gatewayFault(gateway, name);
  return why === undefined ? { loaded: true } : not(why);
}

function parentFault(route: HttpRoute, ref: ParentRef, controllerName: string | undefined): string | undefined {
  const namespace = route.metadata.namespace ?? '';
  const entry = (route.status?.parents ?? []).find(
    (parent) =>
      sameRef(parent.parentRef, ref, namespace) &&
      (controllerName === undefined || parent.controllerName === controllerName),
  );
  if (entry === undefined) return `no controller has reported on the gateway ${ref.name} yet`;
  const conditions = entry.conditions ?? [];
  const generation = route.metadata.generation ?? 0;
  // Its fall-back form keeps the last good route in service: what we wrote is not what is served.
  const partly = conditions.find((condition) => condition.type === 'PartiallyInvalid' && condition.status === 'True');
  if (partly !== undefined) return `PartiallyInvalid: ${partly.message ?? ''}`;
  return fault(conditions, 'Accepted', generation) ?? fault(conditions, 'ResolvedRefs', generation);
}

function gatewayFault(gateway: GatewayObject, name: GatewayName): string | undefined {
  const generation = gateway.metadata.generation ?? 0;
  const itself = fault(gateway.status?.conditions ?? [], 'Programmed', generation);
  if (itself !== undefined) return `gateway ${name.name}: ${itself}`;
  const listeners = (gateway.status?.listeners ?? []).filter(
    (listener) => name.sectionName === undefined || listener.name === name.sectionName,
  );
  const faults = listeners.map((listener) => fault(listener.conditions ?? [], 'Programmed', generation));
  // A broken listener that the route does not name may be somebody else's; one that works is enough then.
  if (faults.includes(undefined)) return undefined;
  return `gateway ${name.name}: ${faults[0] ?? `no listener ${name.sectionName ?? ''}`}`;
}

function fault(conditions: readonly Condition[], type: string, generation: number): string | undefined {
  const found = conditions.find((condition) => condition.type === type);
  if (found === undefined) return `${type} is not reported`;
  if (found.status !== 'True') return `${type}=${found.status} (${found.reason ?? ''}) ${found.message ?? ''}`.trim();
  const observed = found.observedGeneration ?? 0;
  return observed >= generation ? undefined : `${type} is about generation ${observed}, not ${generation}`;
}

function pointsAt(ref: ParentRef, name: GatewayName, namespace: string): boolean {
  const listener =
    name.sectionName === undefined || ref.sectionName === undefined || ref.sectionName === name.sectionName;
  return (
    (ref.group ?? GATEWAY_GROUP) === GATEWAY_GROUP &&
    (ref.kind ?? 'Gateway') === 'Gateway' &&
    (ref.namespace ?? namespace) === name.namespace &&
    ref.name === name.name &&
    listener
  );
}

/** References are the same after defaulting. */
function sameRef(one: ParentRef, other: ParentRef, namespace: string): boolean {
  const key = (ref: ParentRef) =>
    JSON.stringify([
      ref.group ?? GATEWAY_GROUP,
      ref.kind ?? 'Gateway',
      ref.namespace ?? namespace,
      ref.name,
      ref.sectionName ?? '',
      ref.port ?? 0,
    ]);
  return key(one) === key(other);
}

function not(why: string): Loaded {
  return { loaded: false, why };
}
