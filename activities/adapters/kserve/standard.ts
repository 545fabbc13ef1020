import { PortFailure } from '../../ports/port-failure.ts';
import type { Route } from '../../ports/traffic-router.ts';
import type { Canary, InferenceService, Predictor } from './objects.ts';
import { nameOf } from './names.ts';
import type { Spec } from './spec.ts';
import type { State } from './written.ts';

/** What of an InferenceService a plan starts from. */
export interface Situation {
  readonly live: InferenceService;
  readonly state: State;
  /** A rollback: it takes what it finds, and gives the champion everything. */
  readonly force: boolean;
}

/** Share of the traffic that a predictor is to have, percent. */
export function standardShare({ predictor, canary = [] }: Spec, name: string): number {
  const own = canary.find((one) => one.predictor.name === name)?.trafficPercent;
  if (own !== undefined) return own;
  const others = canary.reduce((sum, one) => sum + one.trafficPercent, 0);
  return predictor.name === name ? 100 - others : 0;
}

/**
 * The spec that gives a route its shares by `spec.canary`. The champion is the stable predictor: where it is a canary the
 * two change places, so that its pods stay and the old champion waits at 0. Throws `not-ready` when an arm has no server,
 * `foreign-write` when somebody else's canary has traffic.
 */
export function splitStandard(situation: Situation, route: Route): { readonly spec: Spec; readonly state: State } {
  const { live, state, force } = situation;
  const champion = nameOf(live, route.champion.version);
  const challenger = route.challenger && nameOf(live, route.challenger.version);
  const spec = withStable(situation, champion);
  const entries = spec.canary ?? [];
  const percent = route.challenger?.percent ?? 0;
  if (challenger !== undefined && !force && !entries.some((one) => one.predictor.name === challenger)) {
    throw noServer(live, challenger);
  }
  const canary = entries.map((one): Canary => {
    const wanted = one.predictor.name === challenger ? percent : 0;
    if (!force && one.predictor.name !== challenger && !(one.predictor.name in state.models)) refuseBusy(live, one);
    return { ...one, trafficPercent: wanted };
  });
  return pinned({ ...spec, canary }, state);
}

function withStable({ live, state, force }: Situation, champion: string): Spec {
  const { predictor, canary = [] } = live.spec;
  if (predictor.name === champion) return { predictor, canary };
  const at = canary.findIndex((one) => one.predictor.name === champion);
  const model = canary[at]?.predictor.model ?? modelFrom(predictor, state.models[champion], force);
  if (model === undefined) throw noServer(live, champion);
  const stable = { ...predictor, name: champion, model };
  // A stable predictor that we did not make has no name to be a canary by; it goes with its Deployment.
  const old = predictor.name !== undefined && predictor.name in state.models ? [demoted(predictor)] : [];
  const others = canary.filter((_, index) => index !== at);
  return { predictor: stable, canary: [...others, ...old] };
}

/** A rollback to a champion whose entry somebody has deleted: its model is known. */
function modelFrom(predictor: Predictor, storageUri: string | undefined, force: boolean): Predictor['model'] {
  return force && storageUri !== undefined ? { ...predictor.model, storageUri } : undefined;
}

function demoted({ name, model, minReplicas = 1 }: Predictor): Canary {
  const own = { name: name ?? '', minReplicas };
  return { trafficPercent: 0, predictor: model === undefined ? own : { ...own, model } };
}

/**
 * Keeps the champion at full size. KServe takes the pods of ready canaries off the stable predictor's minimum, down to 1, so
 * the minimum is raised by what is taken off, before the canary is ready; each canary is as large as the champion, which it
 * may have to replace.
 */
export function pinned(spec: Spec, state: State): { readonly spec: Spec; readonly state: State } {
  const isOurs = (one: Canary) => one.predictor.name in state.models;
  const count = (spec.canary ?? []).filter(isOurs).length;
  const { replicas: kept, ...unpinned } = state;
  if (count === 0 && kept === undefined) return { spec, state };
  const before = kept ?? sizeOf(spec.predictor);
  const size = before.min ?? 1;
  const predictor = sized(spec.predictor, count === 0 ? before : raised(before, size * (1 + count)));
  const canary = (spec.canary ?? []).map((one) =>
    isOurs(one) ? { ...one, predictor: { ...one.predictor, minReplicas: size } } : one,
  );
  return { spec: { ...spec, predictor, canary }, state: count === 0 ? unpinned : { ...unpinned, replicas: before } };
}

type Size = NonNullable<State['replicas']>;

function sizeOf({ minReplicas, maxReplicas }: Predictor): Size {
  return {
    ...(minReplicas === undefined ? {} : { min: minReplicas }),
    ...(maxReplicas === undefined ? {} : { max: maxReplicas }),
  };
}

/** No maximum, or 0, is none to raise. */
function raised({ max = 0 }: Size, min: number): Size {
  return { min, ...(max === 0 ? {} : { max: Math.max(max, min) }) };
}

function sized(predictor: Predictor, { min, max }: Size): Predictor {
  const { minReplicas: _min, maxReplicas: _max, ...rest } = predictor;
  return {
    ...rest,
    ...(min === undefined ? {} : { minReplicas: min }),
    ...(max === undefined ? {} : { maxReplicas: max }),
  };
}

function refuseBusy(live: InferenceService, { trafficPercent, predictor }: Canary): void {
  if (trafficPercent === 0) return;
  const { name, namespace } = live.metadata;
  throw new PortFailure(
    'foreign-write',
    `the InferenceService ${namespace}/${name} has a canary ${predictor.name} at ${trafficPercent} % that is none of ` +
      'Understudy; remove it or set it to 0 first',
    { details: { route: name, canary: predictor.name } },
  );
}

function noServer(live: InferenceService, name: string): PortFailure {
  const { name: service, namespace } = live.metadata;
  return new PortFailure(
    'not-ready',
    `the InferenceService ${namespace}/${service} has no predictor ${name}: its server must be there before it can get ` +
      'traffic (serving.backend: kserve adds it at 0 percent)',
    { details: { route: service, predictor: name } },
  );
}
