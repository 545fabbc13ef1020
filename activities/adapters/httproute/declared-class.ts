import type { KubeConfig } from '@kubernetes/client-node';
import { PortFailure } from '../../ports/port-failure.ts';
import type { PreflightFinding } from '../../ports/preflight.ts';
import { createGatewayApi } from './api.ts';
import type { GatewayName } from './conditions.ts';
import type { GatewayClass } from './objects.ts';
import type { DeclaredClass } from './settings.ts';

const NAME = 'gateway class';

/**
 * Whether the settings say of a gateway what its class says. For people with the right to read a GatewayClass; who has not
 * learns that nobody looked. Never throws for what it finds.
 */
export async function checkDeclaredClass(
  kubeConfig: KubeConfig,
  gateway: GatewayName,
  declared: DeclaredClass,
): Promise<PreflightFinding> {
  const api = createGatewayApi(kubeConfig, gateway.namespace);
  try {
    const { gatewayClassName } = (await api.gateway(gateway.namespace, gateway.name)).spec;
    return compare(gatewayClassName, await api.gatewayClass(gatewayClassName), declared);
  } catch (error) {
    if (!(error instanceof PortFailure)) throw error;
    return { name: NAME, state: 'warning', text: `not checked against kubernetes.gateway.class: ${error.message}` };
  }
}

function compare(name: string, live: GatewayClass, declared: DeclaredClass): PreflightFinding {
  const features = (live.status?.supportedFeatures ?? []).map((one) => (typeof one === 'string' ? one : one.name));
  const unproven = declared.features.filter((feature) => !features.includes(feature));
  const { controllerName } = live.spec;
  if (controllerName !== declared.controller) {
    const text = `kubernetes.gateway.class says controller ${declared.controller}, GatewayClass ${name} says ${controllerName}`;
    return { name: NAME, state: 'problem', text, next: `write controller: ${controllerName}` };
  }
  if (unproven.length > 0) {
    const text = `kubernetes.gateway.class claims ${unproven.join(', ')}, which GatewayClass ${name} does not declare`;
    const next =
      'leave out what the class does not declare, unless the conformance report of the gateway says otherwise';
    return { name: NAME, state: 'warning', text, next };
  }
  return { name: NAME, state: 'ok', text: `${name} is as kubernetes.gateway.class says` };
}
