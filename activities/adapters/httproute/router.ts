import type { TrafficRouter } from '../../ports/traffic-router.ts';
import { createAdoptedRouter } from './adopted-router.ts';
import { createGatewayApi } from './api.ts';
import { createDedicatedRouter } from './dedicated-router.ts';
import { createGatewayStatus } from './gateway-status.ts';
import type { HttpRouteRouterOptions } from './settings.ts';

export type { HttpRouteRouterOptions } from './settings.ts';

/**
 * Routes as HTTPRoutes of the Gateway API. Backends are Services, named by their address in the cluster
 * (`http://<service>.<namespace>:<port>`). Needs get and patch on httproutes (also delete for dedicated ones) and get on
 * the gateway; get on its GatewayClass for mirroring, unless `declared` says what that class can do.
 */
export function createHttpRouteRouter(options: HttpRouteRouterOptions): TrafficRouter {
  const { namespace, gateway, hostnames = [] } = options;
  const api = createGatewayApi(options.kubeConfig, namespace);
  const status = createGatewayStatus(api, gateway, { declared: options.declared, routes: namespace });
  const timed = options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs };
  const address = options.address.replace(/\/$/, '');
  if (options.ownership === 'adopted') {
    const { ruleName } = options;
    const named = ruleName === undefined ? {} : { ruleName };
    return createAdoptedRouter(api, status, { namespace, gateway, hostnames, address, ...named, ...timed });
  }
  return createDedicatedRouter(api, status, { namespace, gateway, hostnames, ...timed }, address);
}
