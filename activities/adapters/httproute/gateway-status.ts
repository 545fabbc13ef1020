import { PortFailure } from '../../ports/port-failure.ts';
import { abilitiesOf, unknownAbilities } from './abilities.ts';
import type { Abilities } from './abilities.ts';
import type { GatewayApi } from './api.ts';
import { judgeLoaded } from './conditions.ts';
import type { GatewayName, Loaded } from './conditions.ts';
import { withGrants } from './reference-grant.ts';
import { gatewayToAdd } from './lines-to-add.ts';
import type { GatewayClass, GatewayObject, HttpRoute } from './objects.ts';
import type { DeclaredClass } from './settings.ts';

/** What the gateway says about itself and about a route. */
export interface GatewayStatus {
  /** Asked once; a failure is not remembered. */
  abilities(): Promise<Abilities>;
  loaded(route: HttpRoute): Promise<Loaded>;
  /** What a route waits for and what to do; nothing when it is loaded. */
  waitsFor(route: HttpRoute): Promise<string | undefined>;
}

export function createGatewayStatus(
  api: GatewayApi,
  name: GatewayName,
  { declared, routes }: { readonly declared?: DeclaredClass | undefined; readonly routes: string },
): GatewayStatus {
  const classOf = async (className: string) =>
    declared === undefined ? classIfReadable(api, className) : asClass(declared);
  let known: Abilities | undefined;
  let controller: string | undefined;
  return {
    async abilities() {
      if (known !== undefined) return known;
      const { gatewayClassName } = (await existing(api, name, routes)).spec;
      const given = await classOf(gatewayClassName);
      known =
        given === undefined
          ? unknownAbilities(
              `the GatewayClass ${gatewayClassName} may not be read; ` +
                'copy its controllerName and supportedFeatures to kubernetes.gateway.class of understudy.config.yaml, or ' +
                'grant get on gatewayclasses.gateway.networking.k8s.io by a ClusterRole',
            )
          : abilitiesOf(given, await api.traefikServiceServed());
      return known;
    },
    loaded,
    async waitsFor(route) {
      const state = await loaded(route);
      return state.loaded ? undefined : withGrants(route, state.why);
    },
  };

  async function loaded(route: HttpRoute): Promise<Loaded> {
    const gateway = await api.gateway(name.namespace, name.name);
    controller ??= (await classOf(gateway.spec.gatewayClassName))?.spec.controllerName;
    return judgeLoaded(route, gateway, name, controller);
  }
}

/** Whoever looks ahead is told how a Gateway that is not there would look. */
async function existing(api: GatewayApi, name: GatewayName, routes: string): Promise<GatewayObject> {
  try {
    return await api.gateway(name.namespace, name.name);
  } catch (error) {
    if (!(error instanceof PortFailure) || error.code !== 'not-found') throw error;
    const { details, message } = error;
    throw new PortFailure(error.code, message, { cause: error, details, next: gatewayToAdd(name, routes) });
  }
}

function asClass({ controller, features }: DeclaredClass): GatewayClass {
  return { spec: { controllerName: controller }, status: { supportedFeatures: [...features] } };
}

/** A GatewayClass belongs to no namespace: with Roles alone it cannot be read, and weights work without it. */
async function classIfReadable(api: GatewayApi, name: string): Promise<GatewayClass | undefined> {
  try {
    return await api.gatewayClass(name);
  } catch (error) {
    if (error instanceof PortFailure && error.code === 'forbidden') return undefined;
    throw error;
  }
}
