import type { Policy } from '../../scorecards/policy/schema.ts';
import type { TrafficEvidence } from './traffic-evidence.ts';
import type { TrafficRouter } from './traffic-router.ts';

/** Who decides a model's traffic, in the words of its policy: which gateway, which route, and whose route it is. */
export type TrafficTarget = Pick<
  NonNullable<Policy['spec']['traffic']>,
  'gateway' | 'route' | 'ownership' | 'rule' | 'mode'
>;

/** One gateway: what writes its routes, and what it counted for them. */
export interface Gateway {
  readonly router: TrafficRouter;
  readonly evidence: TrafficEvidence;
}

/**
 * The gateway that a policy chose. Opens no connection and answers at once. Throws `unsupported`, naming the setting to
 * add, when this worker has no such gateway.
 */
export type ChooseGateway = (target: TrafficTarget) => Gateway;
