import { PortFailure } from '../../ports/port-failure.ts';
import type { Route } from '../../ports/traffic-router.ts';
import type { PatchOperation } from './api.ts';
import { lineToChange } from './lines-to-add.ts';
import type { BackendRef, HttpRoute, RouteRule } from './objects.ts';
import type { ServiceRef } from './service-ref.ts';
import { rescaledWeights } from './weights.ts';
import type { Weights } from './weights.ts';
import { annotationsOf, OUR_KEYS } from './written.ts';

/** Where our two backends are in a user's route, and what they get now. */
export interface Located {
  readonly rule: number;
  readonly ruleName?: string;
  readonly champion: number;
  readonly challenger: number;
  readonly weights: Weights;
  /** The rule holds no other backend. */
  readonly onlyOurs: boolean;
  /** Path of the rule's first match. */
  readonly path: string;
}

export interface Pair {
  readonly champion: ServiceRef;
  readonly challenger: ServiceRef;
}

/**
 * Finds the one rule that holds both Services: by its name if one is given, else by what it holds. Throws `bad-request`
 * when there is none, when there are several, and when the rule matches by header (weight 0 would drop its requests).
 */
export function locate(live: HttpRoute, pair: Pair, ruleName?: string): Located {
  const home = live.metadata.namespace ?? '';
  const found = (live.spec.rules ?? []).flatMap((rule, index) => {
    if (ruleName !== undefined && rule.name !== ruleName) return [];
    const at = placeIn(rule, index, pair, home);
    return at === undefined ? [] : [{ at, rule }];
  });
  const [only, ...more] = found;
  const which = `${pair.champion.name} and ${pair.challenger.name}`;
  const named = ruleName === undefined ? '' : ` named ${ruleName}`;
  if (only === undefined) {
    throw refused(
      live,
      `no rule${named} has both ${which} among its backendRefs: add both, the challenger at weight 0`,
    );
  }
  if (more.length > 0) {
    throw refused(live, `${found.length} rules have both ${which}: give the right one a name and configure that name`);
  }
  if (only.rule.matches?.some((match) => (match.headers ?? []).length > 0)) {
    throw refused(live, `the rule with ${which} matches by header: its weights are not for a rollout to change`);
  }
  return only.at;
}

/** A weight has one place: throws `bad-request` when a rule of the route lists one Service twice. */
export function refuseTwins(live: HttpRoute, ruleName?: string): void {
  const home = live.metadata.namespace ?? '';
  for (const [index, rule] of (live.spec.rules ?? []).entries()) {
    const keys = (rule.backendRefs ?? []).map(({ kind, name, namespace, port }) =>
      JSON.stringify([kind ?? 'Service', namespace ?? home, name, port]),
    );
    const at = keys.findIndex((key, place) => keys.indexOf(key) !== place);
    const backend = rule.backendRefs?.[at];
    const ours = ruleName === undefined || rule.name === ruleName;
    if (backend === undefined || !ours) continue;
    throw refused(
      live,
      `the rule ${rule.name ?? 'without a name'} lists the backend ${backend.name} twice; expected each Service once, the ` +
        'challenger under a name of its own',
      lineToChange({ name: live.metadata.name, namespace: home }, { backend, rule: index, at }),
    );
  }
}

function placeIn(rule: RouteRule, index: number, pair: Pair, home: string): Located | undefined {
  const refs = rule.backendRefs ?? [];
  const champion = refs.findIndex((ref) => isRefTo(ref, pair.champion, home));
  const challenger = refs.findIndex((ref) => isRefTo(ref, pair.challenger, home));
  if (champion < 0 || challenger < 0) return undefined;
  return {
    rule: index,
    ...(rule.name === undefined ? {} : { ruleName: rule.name }),
    champion,
    challenger,
    weights: { champion: weightOf(refs[champion]), challenger: weightOf(refs[challenger]) },
    onlyOurs: refs.length === 2,
    path: rule.matches?.[0]?.path?.value ?? '/',
  };
}

function weightOf(ref: BackendRef | undefined): number {
  return ref?.weight ?? 1;
}

function isRefTo(ref: BackendRef, service: ServiceRef, home: string): boolean {
  return (
    (ref.group ?? '') === '' &&
    (ref.kind ?? 'Service') === 'Service' &&
    ref.name === service.name &&
    (ref.namespace ?? home) === service.namespace &&
    (ref.port === undefined || ref.port === service.port)
  );
}

/** The weights to write. Throws `unsupported` when this rule cannot express the share. */
export function plannedWeights(live: HttpRoute, at: Located, percent: number): Weights {
  const weights = rescaledWeights(at.weights, percent, at.onlyOurs);
  if (weights !== undefined) return weights;
  const { champion, challenger } = at.weights;
  throw new PortFailure(
    'unsupported',
    `the HTTPRoute ${live.metadata.name} cannot give the challenger ${percent} %: our two weights are ${champion} and ` +
      `${challenger}, their sum must stay because the rule has other backends; scale all weights of the rule up, ` +
      'for example by 100',
    { details: { route: live.metadata.name, champion, challenger, percent } },
  );
}

/**
 * One patch that sets both weights if, and only if, they still belong to our Services. With `guarded` also only if
 * nothing at all has changed since `live` was read; a rollback leaves that out and so cannot lose a race.
 */
export function patchOf(
  live: HttpRoute,
  at: Located,
  write: { readonly route: Route; readonly weights: Weights; readonly pair: Pair },
  guarded: boolean,
): PatchOperation[] {
  const rule = `/spec/rules/${at.rule}`;
  const ref = (index: number) => `${rule}/backendRefs/${index}`;
  const version = { op: 'test', path: '/metadata/resourceVersion', value: live.metadata.resourceVersion } as const;
  return [
    ...(guarded ? [version] : []),
    ...(at.ruleName === undefined ? [] : [{ op: 'test', path: `${rule}/name`, value: at.ruleName } as const]),
    { op: 'test', path: `${ref(at.champion)}/name`, value: write.pair.champion.name },
    { op: 'test', path: `${ref(at.challenger)}/name`, value: write.pair.challenger.name },
    { op: 'replace', path: `${ref(at.champion)}/weight`, value: write.weights.champion },
    { op: 'replace', path: `${ref(at.challenger)}/weight`, value: write.weights.challenger },
    ...annotationOperations(live, annotationsOf(write.route, write.weights)),
  ];
}

/** Takes our annotations off again. */
export function forgetOperations(live: HttpRoute): PatchOperation[] {
  const present = OUR_KEYS.filter((key) => live.metadata.annotations?.[key] !== undefined);
  return present.map((key) => ({ op: 'remove', path: annotationPath(key) }));
}

function annotationOperations(live: HttpRoute, ours: Readonly<Record<string, string>>): PatchOperation[] {
  if (live.metadata.annotations === undefined) return [{ op: 'add', path: '/metadata/annotations', value: ours }];
  return Object.entries(ours).map(([key, value]) => ({ op: 'add', path: annotationPath(key), value }));
}

function annotationPath(key: string): string {
  return `/metadata/annotations/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

function refused(live: HttpRoute, why: string, next?: string): PortFailure {
  const { name, namespace } = live.metadata;
  return new PortFailure('bad-request', `the HTTPRoute ${namespace}/${name} cannot be used: ${why}`, {
    details: { route: name },
    ...(next === undefined ? {} : { next }),
  });
}
