import type { HttpRoute } from '../httproute/objects.ts';
import { percentOf } from '../httproute/weights.ts';
import { newestOf } from './knative.ts';
import type { Canary, InferenceService } from './objects.ts';
import type { State } from './written.ts';

/**
 * Why KServe has not taken over the spec as it stands (level L2); `undefined` when it has. Told by values, never by
 * `observedGeneration`, which KServe copies from a child object.
 */
export function standardFault({ spec, status }: InferenceService): string | undefined {
  const { canary = [] } = spec;
  const reported = status?.canaryStatuses ?? [];
  const wrong = canary.map((one) => canaryFault(one, reported)).find((fault) => fault !== undefined);
  if (wrong !== undefined) return wrong;
  const left = reported.find(({ name }) => !canary.some(({ predictor }) => predictor.name === name));
  return left === undefined ? notReady(status) : `status.canaryStatuses still has ${left.name}`;
}

type CanaryStatuses = NonNullable<NonNullable<InferenceService['status']>['canaryStatuses']>;

function canaryFault({ trafficPercent, predictor: { name } }: Canary, reported: CanaryStatuses): string | undefined {
  const status = reported.find((one) => one.name === name);
  if (status === undefined) return `status.canaryStatuses has no ${name} yet`;
  const { trafficPercent: share = 0, ready } = status;
  if (share !== trafficPercent) return `status.canaryStatuses gives ${name} ${share} %, not ${trafficPercent} %`;
  // A canary that is not ready silently gets nothing, whatever its percent.
  return trafficPercent > 0 && ready !== true ? `the canary ${name} is not ready` : undefined;
}

/** The same for revisions: both shares, and that the newest revision is the one that was asked for. */
export function knativeFault({ spec, status }: InferenceService, state: State): string | undefined {
  const { latestReadyRevision: ready, latestCreatedRevision: created, traffic = [] } = predictorOf(status);
  if (ready === undefined || created !== ready) return `revision ${created ?? '(none)'} is not ready yet`;
  const expected = state.revisions[newestOf(spec, state.models) ?? ''];
  if (expected !== undefined && expected !== ready) return `the newest revision is ${ready}, not ${expected}`;
  return sharesFault(traffic, spec.predictor.canaryTrafficPercent ?? 100, ready) ?? notReady(status);
}

function predictorOf(status: InferenceService['status']) {
  return status?.components?.['predictor'] ?? {};
}

interface RevisionShare {
  readonly revisionName?: string;
  readonly latestRevision?: boolean;
  readonly percent?: number;
}

function sharesFault(traffic: readonly RevisionShare[], percent: number, newest: string): string | undefined {
  const [latest, before] = [true, false].map((which) =>
    traffic.filter((one) => (one.latestRevision ?? false) === which),
  );
  const sum = (shares: readonly RevisionShare[] = []) => shares.reduce((all, one) => all + (one.percent ?? 0), 0);
  if (sum(latest) !== percent || sum(before) !== 100 - percent) {
    return `status.components.predictor.traffic gives the newest revision ${sum(latest)} %, not ${percent} %`;
  }
  const same = before?.some((one) => one.revisionName === newest && (one.percent ?? 0) > 0) ?? false;
  return same ? `both shares go to revision ${newest}` : undefined;
}

function notReady(status: InferenceService['status']): string | undefined {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  if (ready?.status === 'True') return undefined;
  return `Ready=${ready?.status ?? 'not reported'} ${ready?.reason ?? ''} ${ready?.message ?? ''}`.trim();
}

/**
 * Why the HTTPRoute that KServe made does not carry the shares (Standard mode): the one place where the weights are that a
 * gateway sees. A rule without the champion and the challenger is another component's. `undefined` when it does.
 */
export function routeFault(
  route: HttpRoute | undefined,
  arms: { readonly champion: string; readonly challenger?: string },
  percent: number,
): string | undefined {
  if (route === undefined) {
    return 'KServe has made no HTTPRoute of this name: it splits traffic in Standard mode by the Gateway API only (enableGatewayApi)';
  }
  const shares = (route.spec.rules ?? []).flatMap(({ backendRefs = [] }) => {
    const weightOf = (name: string | undefined) =>
      backendRefs.filter((ref) => ref.name === name).reduce((sum, ref) => sum + (ref.weight ?? 1), 0);
    if (!backendRefs.some(({ name }) => name === arms.champion || name === arms.challenger)) return [];
    const all = backendRefs.reduce((sum, ref) => sum + (ref.weight ?? 1), 0);
    const [champion, challenger] = [weightOf(arms.champion), weightOf(arms.challenger)];
    return [{ percent: percentOf({ champion, challenger }), others: all - champion - challenger }];
  });
  const wrong = shares.find((share) => share.percent !== percent);
  if (wrong !== undefined) return `KServe's HTTPRoute gives the challenger ${wrong.percent} %, not ${percent} %`;
  if (shares.some(({ others }) => others > 0)) return "KServe's HTTPRoute gives a share to a third Service";
  return shares.length === 0 ? `no rule of KServe's HTTPRoute has the Service ${arms.champion}` : undefined;
}
