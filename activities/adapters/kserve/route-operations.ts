import type { Route } from '../../ports/traffic-router.ts';
import type { PatchOperation } from '../httproute/api.ts';
import { splitKnative } from './knative.ts';
import type { KserveMode } from './mode.ts';
import type { InferenceService } from './objects.ts';
import { guardOf } from './operations.ts';
import { specOperations } from './spec.ts';
import { splitStandard } from './standard.ts';
import { annotate, forgetRoute, routeAnnotations, stateOf, touchedOf } from './written.ts';

export interface Asked {
  readonly live: InferenceService;
  readonly route: Route;
  readonly mode: KserveMode;
}

/**
 * Nothing when the service is so already. A rollback tests only what it writes, so that nothing else can stop it; one that
 * would write nothing has the server say that this look was the newest.
 */
export function routeOperations(asked: Asked, force: boolean): PatchOperation[] {
  const { live, route } = asked;
  const { spec, state } = split(asked, force);
  const written = { ...state, touched: touchedOf({ ...live, spec }) };
  const writes = [...specOperations(live.spec, spec), ...annotate(live, written, routeAnnotations(route))];
  if (writes.length === 0) return force ? guardOf(live) : [];
  return force ? writes : [...guardOf(live), ...writes];
}

/** All to the champion, and our route off. */
export function removeOperations({ live, route, mode }: Asked): PatchOperation[] {
  const { challenger: _gone, ...alone } = route;
  const { spec, state } = split({ live, route: alone, mode }, true);
  const back = annotate(live, { ...state, touched: touchedOf({ ...live, spec }) });
  return [...guardOf(live), ...specOperations(live.spec, spec), ...back, ...forgetRoute(live)];
}

function split({ live, route, mode }: Asked, force: boolean) {
  const situation = { live, state: stateOf(live), force };
  return mode === 'standard' ? splitStandard(situation, route) : splitKnative(situation, route);
}
