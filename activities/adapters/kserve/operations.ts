import { isDeepStrictEqual } from 'node:util';
import { PortFailure } from '../../ports/port-failure.ts';
import type { KserveHost, ServerRequest } from '../../ports/serving.ts';
import type { PatchOperation } from '../httproute/api.ts';
import { identityLabel, LABELS } from '../kubernetes-training/labels.ts';
import type { KserveApi } from './api.ts';
import { requireMode } from './mode.ts';
import type { InferenceService } from './objects.ts';
import { placeKnative, placeStandard, takeAway, wantedOf } from './placing.ts';
import type { Placed } from './placing.ts';
import { newRevision } from './servers.ts';
import { specOperations } from './spec.ts';
import { annotate, refuseForeign, stateOf, touchedOf } from './written.ts';

/** Throws `not-found` with what to create. */
export async function existing(api: KserveApi, service: string): Promise<InferenceService> {
  const live = await api.get(service);
  if (live !== undefined) return live;
  throw new PortFailure(
    'not-found',
    `there is no InferenceService ${api.namespace}/${service}, or the cluster has no KServe; create it with the model ` +
      'format, runtime and resources that every version of this model is to have',
    { details: { service, namespace: api.namespace } },
  );
}

/** Nothing when the version is there already: a server is adopted also while somebody else edits the service. */
export async function ensureOperations(
  api: KserveApi,
  host: KserveHost,
  { model, version }: ServerRequest,
): Promise<PatchOperation[]> {
  const live = await existing(api, host.service);
  requireMode(live, host.mode);
  refuseOtherOwner(live, model);
  const place = host.mode === 'standard' ? placeStandard : placeKnative;
  const before = stateOf(live);
  const placed = place(live, before, wantedOf(host, version));
  const changes = specOperations(live.spec, placed.spec);
  const isNew = live.metadata.labels?.[LABELS.model] !== identityLabel(model);
  if (changes.length === 0 && isDeepStrictEqual(placed.state, before) && !isNew) return [];
  if (changes.length > 0) refuseForeign(live);
  return [...guardOf(live), ...changes, ...annotate(live, after(live, placed)), ...labelled(live, model, isNew)];
}

function after(live: InferenceService, { spec, state }: Placed) {
  const isOurs = isDeepStrictEqual(state.touched, touchedOf(live));
  // What somebody else changed stays known as theirs.
  return isOurs ? { ...state, touched: touchedOf({ ...live, spec }) } : state;
}

/** Only if nothing at all has changed since this was read. */
export function guardOf({ metadata }: InferenceService): PatchOperation[] {
  return [{ op: 'test', path: '/metadata/resourceVersion', value: metadata.resourceVersion }];
}

function labelled({ metadata }: InferenceService, model: string, isNew: boolean): PatchOperation[] {
  const value = identityLabel(model);
  if (!isNew) return [];
  if (metadata.labels === undefined) return [{ op: 'add', path: '/metadata/labels', value: { [LABELS.model]: value } }];
  return [{ op: 'add', path: `/metadata/labels/${LABELS.model.replace('/', '~1')}`, value }];
}

function refuseOtherOwner({ metadata }: InferenceService, model: string): void {
  const owner = metadata.labels?.[LABELS.model];
  if (owner === undefined || owner === identityLabel(model)) return;
  throw new PortFailure(
    'conflict',
    `the InferenceService ${metadata.namespace}/${metadata.name} serves the model ${owner}, not ${model}; ` +
      'give each model an InferenceService of its own',
    { details: { service: metadata.name } },
  );
}

/** Knative mode: which revision this version is, so that it is known again when it is no longer the newest. */
export async function revisionOperations(api: KserveApi, host: KserveHost, name: string): Promise<PatchOperation[]> {
  if (host.mode === 'standard') return [];
  const live = await existing(api, host.service);
  const state = stateOf(live);
  const revision = state.revisions[name] ?? newRevision(live, name);
  if (revision === undefined || state.revisions[name] === revision) return [];
  return [...guardOf(live), ...annotate(live, { ...state, revisions: { ...state.revisions, [name]: revision } })];
}

/** What takes a version's server out again. */
export function stopOperations(live: InferenceService | undefined, name: string): PatchOperation[] {
  if (live === undefined) return [];
  const before = stateOf(live);
  const taken = takeAway(live, before, name);
  const { canaries } = before.touched;
  const touched = { ...before.touched, canaries: canaries.filter((one) => one.name !== name) };
  return [...guardOf(live), ...specOperations(live.spec, taken.spec), ...annotate(live, { ...taken.state, touched })];
}
