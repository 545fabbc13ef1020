import type { V1Service } from '@kubernetes/client-node';
import type { RunningServer } from '../../ports/serving.ts';
import { readyAddresses } from '../kubernetes-serving/endpoints.ts';
import type { KserveApi } from './api.ts';
import { newestOf } from './knative.ts';
import type { KserveMode } from './mode.ts';
import { workloadName } from './objects.ts';
import type { InferenceService } from './objects.ts';
import { stateOf } from './written.ts';

/** Where a version answers, apart from whose it is. */
export type Place = Pick<RunningServer, 'name' | 'url' | 'direct'>;

/** The server of a predictor, when any pod of it is ready; `undefined` also for predictors that are none of ours. */
export async function placeOf(
  api: KserveApi,
  live: InferenceService,
  mode: KserveMode,
  name: string,
): Promise<Place | undefined> {
  if (!(name in stateOf(live).models)) return undefined;
  return mode === 'standard' ? workloadPlace(api, live, name) : revisionPlace(live, name);
}

async function workloadPlace(api: KserveApi, live: InferenceService, name: string): Promise<Place | undefined> {
  if (!hasPredictor(live, name)) return undefined;
  const workload = workloadName(live.metadata.name, name);
  const direct = readyAddresses(await api.endpointSlices(workload));
  const service = direct.length === 0 ? undefined : await api.service(workload);
  if (service === undefined) return undefined;
  return { name: workload, url: `http://${workload}.${api.namespace}.svc:${portOf(service)}`, direct };
}

/** Whether the spec asks KServe for it, as the stable predictor or as a canary. */
export function hasPredictor({ spec: { predictor, canary = [] } }: InferenceService, name: string): boolean {
  return predictor.name === name || canary.some((one) => one.predictor.name === name);
}

/** KServe's Services are headless by default, and a headless Service does not translate ports. */
function portOf({ spec }: V1Service): number {
  const [first] = spec?.ports ?? [];
  const { port = 80, targetPort } = first ?? {};
  return spec?.clusterIP === 'None' && typeof targetPort === 'number' ? targetPort : port;
}

/** By the address of its tag, which reaches one revision whatever its share is. */
function revisionPlace(live: InferenceService, name: string): Place | undefined {
  const state = stateOf(live);
  const isNewest = newestOf(live.spec, state.models) === name;
  const revision = isNewest ? newRevision(live, name) : state.revisions[name];
  const { traffic = [] } = live.status?.components?.['predictor'] ?? {};
  const url = traffic.find((one) => one.revisionName === revision && one.url !== undefined)?.url;
  return revision === undefined || url === undefined ? undefined : { name: revision, url: url.replace(/\/$/, '') };
}

/** The revision of the newest version, once KServe has made one that no other version has. */
export function newRevision(live: InferenceService, name: string): string | undefined {
  const { latestReadyRevision, latestCreatedRevision } = live.status?.components?.['predictor'] ?? {};
  if (latestReadyRevision === undefined || latestReadyRevision !== latestCreatedRevision) return undefined;
  const others = Object.entries(stateOf(live).revisions).filter(([other]) => other !== name);
  return others.some(([, revision]) => revision === latestReadyRevision) ? undefined : latestReadyRevision;
}

/** What KServe says of a model that it could not load. */
export function loadFailure(live: InferenceService, mode: KserveMode, name: string): string | undefined {
  const { canaryStatuses = [], modelStatus } = live.status ?? {};
  const isMain = mode === 'knative' || live.spec.predictor.name === name;
  const status = isMain ? modelStatus : canaryStatuses.find((one) => one.name === name)?.modelStatus;
  const { reason, message } = status?.lastFailureInfo ?? {};
  return reason === undefined && message === undefined ? undefined : [reason, message].filter(Boolean).join(': ');
}
