import { hasCut } from '../scorecards/operating-point.ts';
import type { Policy } from '../scorecards/policy/schema.ts';
import type { Scorecard } from '../scorecards/scorecard-schema.ts';
import { refusedTests } from './allowed-tests.ts';
import type { ActivitySettings, Ports } from './context.ts';
import { patiently } from './patiently.ts';
import { PortFailure } from './ports/port-failure.ts';
import type { PortFailureCode } from './ports/port-failure.ts';
import type { PreflightFinding } from './ports/preflight.ts';
import type { RouterCapabilities } from './ports/traffic-router.ts';

type Looked = Pick<Ports, 'gateway' | 'preflight'> & Pick<ActivitySettings, 'testCommands'>;

/** What a policy will ask of the world, beyond what it says itself. */
export interface Plan {
  readonly policy: Policy;
  readonly scorecard: Scorecard;
  /** Whether a shadow will be shown live requests; a first champion has nobody to shadow. */
  readonly mirrors: boolean;
}

/** A shadow needs a champion, decisions to compare, and a policy that does not skip it. */
export function planOf(policy: Policy, scorecard: Scorecard, champion = true): Plan {
  return { policy, scorecard, mirrors: champion && !policy.spec.shadow.skip && hasCut(scorecard.spec.task) };
}

/**
 * Looks at everything that the policy names outside of this process, before anything is started: the cluster of its
 * trainings and servers, the gateway of its route, and workers that run its tests. Changes nothing.
 */
export async function lookAhead(looked: Looked, plan: Plan): Promise<readonly PreflightFinding[]> {
  const places = looked.preflight?.look(plan.policy) ?? [];
  const found = await Promise.all([places, lookAtRoute(looked, plan)]);
  return [...found.flat(), ...refusedTests(plan.policy, plan.scorecard, looked)];
}

/** Why a run must not begin, in sentences with their cures; `undefined` when nothing is in its way. */
export function sayObstacles(findings: readonly PreflightFinding[]): string | undefined {
  const problems = findings.filter(({ state }) => state === 'problem');
  if (problems.length === 0) return undefined;
  const said = problems.map(
    ({ name, text, next }) => `${name}: ${text}${next === undefined ? '' : ` · next: ${next}`}`,
  );
  return `nothing was started, because this cannot work: ${said.join('\n')}`;
}

async function lookAtRoute({ gateway }: Looked, { mirrors, policy }: Plan): Promise<PreflightFinding[]> {
  const { traffic } = policy.spec;
  if (traffic === undefined) return [];
  const name = `route ${traffic.route}`;
  try {
    const { router } = gateway(traffic);
    const able = await patiently(PASSING, async () => router.capabilities());
    const address = await patiently(PASSING, async () => router.address(traffic.route));
    const problems = [...(mirrors ? cannotCopy(name, policy, able) : []), ...cannotSplit(name, traffic, able)];
    if (problems.length > 0) return problems;
    const fine = { name, state: 'ok', text: `${address}${able.mirror ? ', mirrors requests' : ''}` } as const;
    return [fine, ...hangsUnseen(name, traffic, able)];
  } catch (error) {
    if (!(error instanceof PortFailure)) throw error;
    const next = AWAY.includes(error.code)
      ? 'see that the gateway and its API server answer, then trigger the run again'
      : 'correct spec.traffic, or the gateway section of understudy.config.yaml';
    return [{ name, state: 'problem', text: error.message, next: error.next ?? next }];
  }
}

/** Answered at once; a question that nobody answers in time is not asked again, for a run waits for this. */
const PASSING: readonly PortFailureCode[] = ['unavailable', 'rate-limited'];
const AWAY: readonly PortFailureCode[] = [...PASSING, 'timeout', 'malformed-answer'];

/** An answer that never comes is counted by nobody until something ends it. */
function hangsUnseen(
  name: string,
  { gateway, requestTimeout }: NonNullable<Policy['spec']['traffic']>,
  { timeouts }: RouterCapabilities,
): PreflightFinding[] {
  if (timeouts === 'each route' || (timeouts !== undefined && timeouts <= requestTimeout)) return [];
  const wanted = `an answer later than ${requestTimeout / 1000} s is to be bad`;
  const text =
    timeouts === undefined
      ? `${wanted}, and gateway ${gateway} ends none: a server that hangs is not counted`
      : `${wanted}, and gateway ${gateway} ends answers after ${timeouts / 1000} s only`;
  const next =
    'let the gateway end answers in time (Traefik: --serversTransport.forwardingTimeouts.responseHeaderTimeout) and say so in ' +
    'kubernetes.gateway.requestTimeout, or take a GatewayClass that declares HTTPRouteRequestTimeout';
  return [{ name, state: 'warning', text, next }];
}

type Traffic = NonNullable<Policy['spec']['traffic']>;

/** Without a share of the traffic there is no canary, and without counts nobody can judge one. */
function cannotSplit(name: string, { gateway }: Traffic, able: RouterCapabilities): PreflightFinding[] {
  const texts = [...(able.weights ? [] : [`gateway ${gateway} cannot split traffic`]), able.uncounted];
  return texts.flatMap((text) => (text === undefined ? [] : [{ name, state: 'problem', text } as const]));
}

/** Some gateways copy nothing, some every request or none. */
function cannotCopy(name: string, { spec }: Policy, able: RouterCapabilities): PreflightFinding[] {
  if (!able.mirror) return spec.traffic ? [cannotMirror(name, spec.traffic)] : [];
  const { percent } = spec.shadow;
  if (able.mirrorsAllOrNone !== true || percent === 0 || percent === 100) return [];
  const text = `gateway ${spec.traffic?.gateway} copies all requests or none, and shadow.percent is ${percent}`;
  const next = 'write spec.shadow.percent: 100, if the challenger can carry all traffic';
  return [{ name, state: 'problem', text, next }];
}

function cannotMirror(name: string, { gateway }: Traffic): PreflightFinding {
  return {
    name,
    state: 'problem',
    text: `gateway ${gateway} cannot mirror requests, and without that there is no shadow`,
    next:
      'take a GatewayClass that declares HTTPRouteRequestMirror in status.supportedFeatures, or leave the shadow out ' +
      'and say why:\nspec:\n  shadow: { skip: true }\n  overrides:\n    - { field: spec.shadow.skip, reason: …, by: … }',
  };
}
