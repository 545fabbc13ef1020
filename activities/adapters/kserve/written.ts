import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import type { PatchOperation } from '../httproute/api.ts';
import { PortFailure } from '../../ports/port-failure.ts';
import type { Route } from '../../ports/traffic-router.ts';
import { routeSchema } from '../traefik-file/document.ts';
import type { InferenceService } from './objects.ts';

export const ROUTE_KEY = 'understudy/route';
const STATE_KEY = 'understudy/kserve';
const RUN_KEY = 'understudy/run';
const REASON_KEY = 'understudy/reason';
const ROUTE_KEYS = [ROUTE_KEY, RUN_KEY, REASON_KEY] as const;

/** What decides who answers. Replicas are not among it: a person may scale. */
const touched = z.strictObject({
  name: z.string().optional(),
  storageUri: z.string().optional(),
  percent: z.int().optional(),
  canaries: z.array(z.strictObject({ name: z.string(), storageUri: z.string().optional(), percent: z.int() })),
});
export type Touched = z.output<typeof touched>;

const stateSchema = z.strictObject({
  touched,
  /** Where each version of ours that has a server has its model. */
  models: z.record(z.string(), z.string()),
  /** Knative mode: the revision of each version. */
  revisions: z.record(z.string(), z.string()),
  /** What the champion asked for before it was pinned. */
  replicas: z.strictObject({ min: z.int().optional(), max: z.int().optional() }).optional(),
});
/** What we remember on the InferenceService itself, so that every worker knows it. */
export type State = z.output<typeof stateSchema>;

export function touchedOf({ spec }: InferenceService): Touched {
  const { name, model, canaryTrafficPercent } = spec.predictor;
  return {
    ...(name === undefined ? {} : { name }),
    ...(model?.storageUri === undefined ? {} : { storageUri: model.storageUri }),
    ...(canaryTrafficPercent === undefined ? {} : { percent: canaryTrafficPercent }),
    canaries: (spec.canary ?? []).map(({ trafficPercent, predictor }) => ({
      name: predictor.name,
      ...(predictor.model?.storageUri === undefined ? {} : { storageUri: predictor.model.storageUri }),
      percent: trafficPercent,
    })),
  };
}

/** What we remember; a service that we never wrote is taken as it is. */
export function stateOf(live: InferenceService): State {
  const parsed = stateSchema.safeParse(parseJson(live.metadata.annotations?.[STATE_KEY]));
  return parsed.success ? parsed.data : { touched: touchedOf(live), models: {}, revisions: {} };
}

/** The route as it was asked for; `undefined` when we did not write one. */
export function routeOn(live: InferenceService): Route | undefined {
  const parsed = routeSchema.safeParse(parseJson(live.metadata.annotations?.[ROUTE_KEY]));
  return parsed.success ? parsed.data : undefined;
}

/** Throws `foreign-write` when somebody else has changed who answers since we wrote it. */
export function refuseForeign(live: InferenceService): void {
  const { touched: written } = stateOf(live);
  const now = touchedOf(live);
  if (isDeepStrictEqual(written, now)) return;
  const { name, namespace } = live.metadata;
  throw new PortFailure(
    'foreign-write',
    `the InferenceService ${namespace}/${name} has ${say(now)}, not ${say(written)} as Understudy wrote it; look at it ` +
      `(kubectl get isvc ${name} -n ${namespace} -o yaml --show-managed-fields), then roll back or apply again by force`,
    { details: { route: name, namespace } },
  );
}

function say({ name, storageUri, percent, canaries }: Touched): string {
  const main = `predictor ${name ?? '(unnamed)'} of ${storageUri ?? '(no storageUri)'}`;
  const share = percent === undefined ? '' : ` with canaryTrafficPercent ${percent}`;
  const others = canaries.map(
    (one) => `canary ${one.name} of ${one.storageUri ?? '(no storageUri)'} at ${one.percent} %`,
  );
  return [main + share, ...others].join(', ');
}

export function routeAnnotations(route: Route): Readonly<Record<string, string>> {
  return { [ROUTE_KEY]: JSON.stringify(route), [RUN_KEY]: route.writtenBy, [REASON_KEY]: route.reason };
}

/** Writes annotations and what we remember. */
export function annotate(
  live: InferenceService,
  state: State,
  more: Readonly<Record<string, string>> = {},
): PatchOperation[] {
  const ours = { ...more, [STATE_KEY]: JSON.stringify(state) };
  const { annotations } = live.metadata;
  if (annotations === undefined) return [{ op: 'add', path: '/metadata/annotations', value: ours }];
  return Object.entries(ours)
    .filter(([key, value]) => annotations[key] !== value)
    .map(([key, value]) => ({ op: 'add', path: pathOf(key), value }));
}

/** Takes the route's annotations off; what we know of servers stays as long as they do. */
export function forgetRoute({ metadata }: InferenceService): PatchOperation[] {
  const present = ROUTE_KEYS.filter((key) => metadata.annotations?.[key] !== undefined);
  return present.map((key) => ({ op: 'remove', path: pathOf(key) }));
}

function pathOf(key: string): string {
  return `/metadata/annotations/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

function parseJson(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
