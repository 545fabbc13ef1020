import { PortFailure } from '../../ports/port-failure.ts';
import type { Route } from '../../ports/traffic-router.ts';
import { nameOf } from './names.ts';
import type { InferenceService } from './objects.ts';
import type { Spec } from './spec.ts';
import type { Situation } from './standard.ts';
import type { State } from './written.ts';

/** The version of ours that the spec describes, which is KServe's newest revision; `undefined` when it is none of ours. */
export function newestOf(spec: Spec, models: State['models']): string | undefined {
  const uri = spec.predictor.model?.storageUri;
  return Object.keys(models).find((name) => models[name] === uri);
}

/** Share of the traffic that a version is to have, percent: the newest revision's, or what is left of it. */
export function knativeShare(spec: Spec, state: State, name: string): number {
  const newest = spec.predictor.canaryTrafficPercent ?? 100;
  return newestOf(spec, state.models) === name ? newest : 100 - newest;
}

/**
 * The spec that gives a route its shares by `canaryTrafficPercent`, the newest revision's share; the rest goes to the one
 * that was rolled out before. Only the newest can be a challenger. A champion that is the newest gets everything by taking
 * the field away, which is KServe's promotion; any other gets everything at 0.
 */
export function splitKnative(situation: Situation, route: Route): { readonly spec: Spec; readonly state: State } {
  const { live, state, force } = situation;
  const newest = newestOf(live.spec, state.models);
  const champion = nameOf(live, route.champion.version);
  const challenger = route.challenger && nameOf(live, route.challenger.version);
  const percent = route.challenger?.percent ?? 0;
  const { canaryTrafficPercent: _now, ...rest } = live.spec.predictor;
  if (champion === newest && percent === 0) return { spec: { ...live.spec, predictor: rest }, state };
  if (!force && percent > 0 && challenger !== newest) throw notNewest(live, challenger ?? '', newest);
  if (!force) refuseOtherChampion(live, state, champion, newest);
  return { spec: { ...live.spec, predictor: { ...rest, canaryTrafficPercent: percent } }, state };
}

/** The other share goes to whatever revision KServe rolled out last: it must be the champion's. */
function refuseOtherChampion(live: InferenceService, state: State, champion: string, newest?: string): void {
  const expected = state.revisions[champion];
  const { latestRolledoutRevision, latestReadyRevision } = live.status?.components?.['predictor'] ?? {};
  if (expected === undefined || champion === newest || latestRolledoutRevision === undefined) return;
  // After a rollback from 100 percent KServe may still name the newest here, until it has seen the rollback.
  if (latestRolledoutRevision === expected || latestRolledoutRevision === latestReadyRevision) return;
  const { name, namespace } = live.metadata;
  throw new PortFailure(
    'foreign-write',
    `the InferenceService ${namespace}/${name} rolled out ${latestRolledoutRevision} last, but the champion ${champion} is ` +
      `${expected}: what is not the challenger's traffic would go to another model; roll back by force, or serve the ` +
      'champion anew',
    { details: { route: name, champion, expected } },
  );
}

function notNewest(live: InferenceService, challenger: string, newest: string | undefined): PortFailure {
  const { name, namespace } = live.metadata;
  return new PortFailure(
    'not-ready',
    `the newest revision of the InferenceService ${namespace}/${name} is of ${newest ?? 'no version of ours'}, not of ` +
      `${challenger}: in Knative mode only the newest can be a challenger (serving.backend: kserve makes it the newest)`,
    { details: { route: name, challenger } },
  );
}
