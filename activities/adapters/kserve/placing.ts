import { PortFailure } from '../../ports/port-failure.ts';
import type { KserveHost } from '../../ports/serving.ts';
import { newestOf } from './knative.ts';
import { predictorOf } from './names.ts';
import { TAG_ROUTING_KEY } from './objects.ts';
import type { InferenceService, Predictor } from './objects.ts';
import type { Spec } from './spec.ts';
import { pinned } from './standard.ts';
import type { State } from './written.ts';

export interface Placed {
  readonly spec: Spec;
  readonly state: State;
}

/**
 * The spec that serves this version without giving it any traffic: a canary at 0 percent. It is the champion in all but its
 * model. Throws `conflict` when the name stands for another model, `unsupported` when the champion is a container of the
 * user's own, which KServe has no canary for.
 */
export function placeStandard(live: InferenceService, state: State, wanted: Wanted): Placed {
  const { name, storageUri } = wanted;
  const known = remembering(state, wanted);
  const { predictor, canary = [] } = live.spec;
  const there = predictor.name === name ? predictor : canary.find((one) => one.predictor.name === name)?.predictor;
  if (there !== undefined) {
    if (there.model?.storageUri !== storageUri) throw otherModel(live, wanted, there.model?.storageUri);
    return pinned(live.spec, known);
  }
  const model = modelOf(live, predictor);
  if (model.storageUri === storageUri) throw sameModel(live, wanted, predictor.name);
  const entry = { trafficPercent: 0, predictor: { name, model: { ...model, storageUri } } };
  return pinned({ ...live.spec, canary: [...canary, entry] }, known);
}

/**
 * The spec whose newest revision is this version, at 0 percent; what served before stays KServe's rolled-out revision. A
 * version that is there already, as the newest or as the one before, is left alone.
 */
export function placeKnative(live: InferenceService, state: State, wanted: Wanted): Placed {
  const { name, storageUri } = wanted;
  const { predictor } = live.spec;
  const known = remembering(state, wanted);
  if (predictor.model?.storageUri === storageUri) return { spec: live.spec, state: known };
  if (isBefore(live, state, name)) {
    if (state.models[name] !== storageUri) throw otherModel(live, wanted, state.models[name]);
    return { spec: live.spec, state: known };
  }
  refuseUnplaceable(live, name);
  const model = { ...modelOf(live, predictor), storageUri };
  const spec = { ...live.spec, predictor: { ...predictor, model, canaryTrafficPercent: 0 } };
  return { spec, state: { ...known, revisions: { ...known.revisions, ...nowNewest(live, state) } } };
}

/** Whether this version is a revision that KServe still has, though it is no longer the newest. */
function isBefore(live: InferenceService, state: State, name: string): boolean {
  const revision = state.revisions[name];
  const { traffic = [] } = live.status?.components?.['predictor'] ?? {};
  return revision !== undefined && traffic.some((one) => one.revisionName === revision);
}

function refuseUnplaceable(live: InferenceService, name: string): void {
  const { canaryTrafficPercent: percent = 100 } = live.spec.predictor;
  if (percent > 0 && percent < 100) throw underWay(live, name, percent);
  requireTags(live);
  if (live.status?.components?.['predictor']?.latestRolledoutRevision === undefined) throw neverRolledOut(live);
}

/** The revision that is the newest until now: it must be told from the one that is about to be made. */
function nowNewest(live: InferenceService, state: State): State['revisions'] {
  const { latestReadyRevision, latestCreatedRevision } = live.status?.components?.['predictor'] ?? {};
  if (latestReadyRevision === undefined || latestReadyRevision !== latestCreatedRevision) return {};
  return { [newestOf(live.spec, state.models) ?? UNKNOWN]: latestReadyRevision };
}

/** A revision of a model that Understudy did not serve. */
const UNKNOWN = '-';

export interface Wanted extends Pick<KserveHost, 'storageUri'> {
  readonly name: string;
}

export function wantedOf({ service, storageUri }: KserveHost, version: string): Wanted {
  return { name: predictorOf(service, version), storageUri };
}

/**
 * The spec without this version's server. Throws `conflict` while it has traffic. In Knative mode nothing is taken out: a
 * revision without traffic goes to sleep by itself, and another model would be another revision.
 */
export function takeAway(live: InferenceService, state: State, name: string): Placed {
  const { [name]: _model, ...models } = state.models;
  const { [name]: _revision, ...revisions } = state.revisions;
  const rest = { ...state, models, revisions };
  const { canary = [], predictor } = live.spec;
  const entry = canary.find((one) => one.predictor.name === name);
  if (predictor.name === name) throw busy(live, name, 'it is the stable predictor');
  if (entry === undefined) return { spec: live.spec, state: rest };
  if (entry.trafficPercent > 0) throw busy(live, name, `it has ${entry.trafficPercent} % of the traffic`);
  return pinned({ ...live.spec, canary: canary.filter((one) => one !== entry) }, rest);
}

function remembering(state: State, { name, storageUri }: Wanted): State {
  return { ...state, models: { ...state.models, [name]: storageUri } };
}

function modelOf(live: InferenceService, { model }: Predictor): NonNullable<Predictor['model']> {
  if (model !== undefined) return model;
  throw refused(
    'unsupported',
    live,
    'has no spec.predictor.model: a challenger is the champion with another storageUri, and KServe makes canaries of ' +
      'models only; describe the server by modelFormat and a ServingRuntime, or use serving.backend: kubernetes',
  );
}

function otherModel(live: InferenceService, { name, storageUri }: Wanted, found: string | undefined): PortFailure {
  return refused(
    'conflict',
    live,
    `serves ${found ?? 'no model'} as ${name}, not ${storageUri}: a version never changes its model; remove that ` +
      'predictor, or let spec.serving.storageUri say where the version really is',
  );
}

function sameModel(live: InferenceService, { name, storageUri }: Wanted, stable: string | undefined): PortFailure {
  return refused(
    'conflict',
    live,
    `serves ${storageUri} already, as ${stable ?? 'a predictor without a name'}: KServe renames no predictor whose model ` +
      `stays; set spec.predictor.name to ${name}`,
  );
}

function underWay(live: InferenceService, name: string, percent: number): PortFailure {
  return refused(
    'conflict',
    live,
    `gives its newest revision ${percent} %: a rollout is under way, and ${name} would take over that share unseen; roll ` +
      'it back or promote it first',
  );
}

function neverRolledOut(live: InferenceService): PortFailure {
  return refused(
    'not-ready',
    live,
    'has rolled out no revision yet, and KServe ignores canaryTrafficPercent at the first: wait until it is ready',
  );
}

/** Without tags a revision without traffic has no address, and nothing could be known of it before its first share. */
function requireTags(live: InferenceService): void {
  if (live.metadata.annotations?.[TAG_ROUTING_KEY] === 'true') return;
  throw refused(
    'unsupported',
    live,
    `gives its revisions no addresses of their own; annotate it with ${TAG_ROUTING_KEY}: "true"`,
  );
}

function busy(live: InferenceService, name: string, why: string): PortFailure {
  return refused('conflict', live, `cannot do without ${name}: ${why}`);
}

function refused(code: 'conflict' | 'unsupported' | 'not-ready', live: InferenceService, why: string): PortFailure {
  const { name, namespace } = live.metadata;
  return new PortFailure(code, `the InferenceService ${namespace}/${name} ${why}`, { details: { service: name } });
}
