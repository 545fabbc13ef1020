import { PortFailure } from '../../ports/port-failure.ts';
import type { Route } from '../../ports/traffic-router.ts';
import type { GatewayApi } from './api.ts';
import { armsOf } from './render.ts';
import type { ServiceRef } from './service-ref.ts';

export interface Rising {
  readonly service: ServiceRef;
  readonly from: number;
  readonly to: number;
}

/**
 * Whose share of live traffic a write raises. The champion in force is left out: more for it is less for somebody else, and
 * that is never held up.
 */
export function risingShares(before: Route | undefined, after: Route): Rising[] {
  const was = before === undefined ? [] : sharesOf(before);
  const safe = before === undefined ? undefined : armsOf(before).champion;
  return sharesOf(after).flatMap(({ service, percent: to }) => {
    const from = was.find((one) => isSame(one.service, service))?.percent ?? 0;
    return to > from && !(safe !== undefined && isSame(safe, service)) ? [{ service, from, to }] : [];
  });
}

function sharesOf(route: Route): { readonly service: ServiceRef; readonly percent: number }[] {
  const { champion, challenger } = armsOf(route);
  const percent = route.challenger?.percent ?? 0;
  return [
    { service: champion, percent: 100 - percent },
    ...(challenger === undefined ? [] : [{ service: challenger, percent }]),
  ];
}

function isSame(one: ServiceRef, other: ServiceRef): boolean {
  return one.name === other.name && one.namespace === other.namespace;
}

/**
 * A gateway answers 503 for the share of a Service without a ready endpoint, and no counter of a Service counts it; so a
 * share is not raised before there is one. Throws `not-ready`, which is worth another try; `server-died` when the Service has
 * a share already.
 */
export async function requireReady(api: GatewayApi, route: string, rising: readonly Rising[]): Promise<void> {
  for (const { service, from, to } of rising) {
    if ((await api.readyEndpoints(service)) > 0) continue;
    const { name, namespace } = service;
    const so = from > 0 ? `its ${from} % are answered 503 now` : `${to} % of the requests would be answered 503`;
    throw new PortFailure(
      from > 0 ? 'server-died' : 'not-ready',
      `the Service ${namespace}/${name} has no ready endpoint, so the route ${route} does not give it ${to} %: ${so}; look at ` +
        `kubectl get pods,endpointslices -n ${namespace} -l kubernetes.io/service-name=${name}`,
      { details: { route, service: name, namespace } },
    );
  }
}
