import { z } from 'zod';
import type { Route } from '../../ports/traffic-router.ts';
import { routeSchema } from '../traefik-file/document.ts';
import { FIELD_MANAGER } from './api.ts';
import type { HttpRoute } from './objects.ts';
import type { Weights } from './weights.ts';

export const ROUTE_KEY = 'understudy/route';
export const WEIGHTS_KEY = 'understudy/weights';
const RUN_KEY = 'understudy/run';
const REASON_KEY = 'understudy/reason';
/** All keys of ours; whoever takes them off gives the route back. */
export const OUR_KEYS = [ROUTE_KEY, WEIGHTS_KEY, RUN_KEY, REASON_KEY] as const;

const weightsSchema = z.strictObject({ champion: z.int().min(0), challenger: z.int().min(0) });

/** What the route says about itself: for us the route as it was asked for, for people the run and its reason. */
export function annotationsOf(route: Route, weights: Weights): Record<string, string> {
  return {
    [ROUTE_KEY]: JSON.stringify(route),
    [WEIGHTS_KEY]: JSON.stringify(weights),
    [RUN_KEY]: route.writtenBy,
    [REASON_KEY]: route.reason,
  };
}

export interface Written {
  readonly route: Route;
  readonly weights: Weights;
}

/** The inverse of `annotationsOf`; `undefined` when the object does not carry what we wrote. */
export function writtenOn(live: HttpRoute): Written | undefined {
  const route = routeSchema.safeParse(parseJson(live.metadata.annotations?.[ROUTE_KEY]));
  const weights = weightsSchema.safeParse(parseJson(live.metadata.annotations?.[WEIGHTS_KEY]));
  return route.success && weights.success ? { route: route.data, weights: weights.data } : undefined;
}

function parseJson(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Everybody else who owns a part of this spec, as the API server has recorded it; empty when all of it is ours. It is
 * told by field ownership and not by comparing values: the server fills in defaults, and newer CRDs fill in more.
 */
export function foreignOwners(live: HttpRoute): string[] {
  const entries = (live.metadata.managedFields ?? []).filter(
    (entry) => entry.subresource === undefined && entry.fieldsV1?.['f:spec'] !== undefined,
  );
  const others = entries.filter((entry) => entry.manager !== FIELD_MANAGER || entry.operation !== 'Apply');
  const ours = entries.find((entry) => entry.manager === FIELD_MANAGER && entry.operation === 'Apply');
  const rules = ours?.fieldsV1?.['f:spec'];
  const owned = typeof rules === 'object' && rules !== null && 'f:rules' in rules;
  const names = [...new Set(others.map((entry) => entry.manager ?? 'unknown'))];
  return names.length > 0 || owned ? names : ['unknown'];
}
