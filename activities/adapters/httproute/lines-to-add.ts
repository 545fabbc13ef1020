import { stringify } from 'yaml';
import type { GatewayName } from './conditions.ts';
import { GATEWAY_GROUP } from './objects.ts';
import type { BackendRef } from './objects.ts';

export interface WantedRoute {
  readonly name: string;
  readonly namespace: string;
  readonly gateway: GatewayName;
  readonly hostnames: readonly string[];
  /** Name of the rule that a policy speaks of. */
  readonly ruleName?: string;
}

/** What to do where a user's HTTPRoute is not there: the route that can be adopted, on the Gateway of the settings. */
export function routeToAdd({ gateway, hostnames, name, namespace, ruleName }: WantedRoute): string {
  const backend = (arm: string, weight: number) => ({ name: `${name}-${arm}`, port: 80, weight });
  const lines = manifest(
    'HTTPRoute',
    { name, namespace },
    {
      parentRefs: [{ name: gateway.name, namespace: gateway.namespace, ...sectionOf(gateway) }],
      ...(hostnames.length === 0 ? {} : { hostnames }),
      rules: [
        {
          name: ruleName ?? 'model',
          matches: [{ path: { type: 'PathPrefix', value: `/${name}` } }],
          backendRefs: [backend('champion', 100), backend('challenger', 0)],
        },
      ],
    },
  );
  return `apply this with the names and ports of your two Services, or set spec.traffic.ownership: dedicated:\n${lines}`;
}

/** What to do where the Gateway of the settings is not there: one whose listener takes our routes. */
export function gatewayToAdd(gateway: GatewayName, routes: string): string {
  const { name, namespace, sectionName = 'web' } = gateway;
  const from = routes === namespace ? 'Same' : 'All';
  const listener = { name: sectionName, port: 80, protocol: 'HTTP', allowedRoutes: { namespaces: { from } } };
  const lines = manifest('Gateway', { name, namespace }, { gatewayClassName: 'your-class', listeners: [listener] });
  return (
    'correct kubernetes.gateway in understudy.config.yaml, or apply this with a class of kubectl get gatewayclasses:\n' +
    lines
  );
}

/** Which line to change where a rule lists one Service twice: the later one, `at` in the rule `rule`. */
export function lineToChange(route: { readonly name: string; readonly namespace: string }, twin: Twin): string {
  const { backend, rule, at } = twin;
  const { name, ...others } = backend;
  const [line, ...kept] = text([{ name: `${name}-challenger`, ...others }]).split('\n');
  const where = `spec.rules[${rule}].backendRefs[${at}]`;
  return [
    `kubectl edit httproute ${route.name} -n ${route.namespace}, and name the challenger's Service in ${where}:`,
    `${line} # was ${name}`,
    ...kept,
  ].join('\n');
}

export interface Twin {
  readonly backend: BackendRef;
  readonly rule: number;
  readonly at: number;
}

function sectionOf({ sectionName }: GatewayName): { sectionName?: string } {
  return sectionName === undefined ? {} : { sectionName };
}

function manifest(kind: string, metadata: object, spec: object): string {
  return text({ apiVersion: `${GATEWAY_GROUP}/v1`, kind, metadata, spec });
}

function text(value: unknown): string {
  return stringify(value, { lineWidth: 0 }).trimEnd();
}
