import type { V1Service, V1ServicePort } from '@kubernetes/client-node';
import { PortFailure } from '../../ports/port-failure.ts';
import type { ServiceRef } from './service-ref.ts';

const OURS = { 'app.kubernetes.io/managed-by': 'understudy' };

/**
 * A Service of this name for the same pods, so that a gateway counts what it copies there apart. Throws `bad-request` for one
 * without selector: its endpoints are somebody's handwork.
 */
export function secondService(live: V1Service, { name: from, namespace }: ServiceRef, name: string): V1Service {
  const { ports, selector } = live.spec ?? {};
  if (ports === undefined || selector === undefined) {
    throw new PortFailure(
      'bad-request',
      `the Service ${namespace}/${from} has no selector, so no second one can be made for its shadow; give the shadow a ` +
        'Service of its own',
      { details: { service: from } },
    );
  }
  const labels = { ...live.metadata?.labels, ...OURS };
  return { metadata: { name, labels }, spec: { ports: ports.map(plainPort), selector } };
}

/** Whether this is one of those, and not a Service that somebody gave such a name. */
export function isSecond({ metadata }: V1Service): boolean {
  return Object.entries(OURS).every(([key, value]) => metadata?.labels?.[key] === value);
}

/** Without the port of the nodes, which the other Service has for itself. */
function plainPort({ appProtocol, name, port, protocol, targetPort }: V1ServicePort): V1ServicePort {
  const optional = { appProtocol, name, protocol, targetPort };
  return { port, ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)) };
}
