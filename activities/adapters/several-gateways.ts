import type { ChooseGateway, Gateway, TrafficTarget } from '../ports/gateway.ts';
import { PortFailure } from '../ports/port-failure.ts';

export interface Gateways {
  readonly 'traefik-file': Gateway;
  /** One per ownership and rule. Absent when the settings name no Gateway of a cluster. */
  readonly httproute?: (target: TrafficTarget) => Gateway;
  /** Absent when the settings name no cluster with KServe. */
  readonly kserve?: (target: TrafficTarget) => Gateway;
}

/** Several gateways, of which each policy chooses one. */
export function severalGateways(gateways: Gateways): ChooseGateway {
  return (target) => {
    if (target.gateway === 'traefik-file') return gateways['traefik-file'];
    const chosen = gateways[target.gateway];
    if (chosen !== undefined) return chosen(target);
    throw new PortFailure(
      'unsupported',
      `route ${target.route} asks for gateway ${target.gateway}, and this worker has none: ${CURES[target.gateway]}`,
      { details: { field: 'spec.traffic.gateway', gateway: target.gateway, route: target.route } },
    );
  };
}

const CURES = {
  httproute: 'add kubernetes.gateway to understudy.config.yaml',
  kserve: 'add kubernetes.kserve to understudy.config.yaml',
} as const;
