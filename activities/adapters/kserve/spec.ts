import { isDeepStrictEqual } from 'node:util';
import type { PatchOperation } from '../httproute/api.ts';
import type { Canary, InferenceService, Predictor } from './objects.ts';

export type Spec = InferenceService['spec'];

/** The fields of a predictor that we ever write. */
const FIELDS = ['name', 'model', 'minReplicas', 'maxReplicas', 'canaryTrafficPercent'] as const;

/**
 * What to patch so that `before` becomes `after`, guarded by the names at the places that are written: an entry that was
 * moved meanwhile fails the patch and is looked up again.
 */
export function specOperations(before: Spec, after: Spec): PatchOperation[] {
  const writes = [...predictorWrites(before.predictor, after.predictor), ...canaryWrites(before.canary, after.canary)];
  if (writes.length === 0) return [];
  const { name } = before.predictor;
  const stable = name === undefined ? [] : [{ op: 'test', path: '/spec/predictor/name', value: name } as const];
  const canaries = (before.canary ?? []).map(
    ({ predictor }, index) => ({ op: 'test', path: `${entry(index)}/predictor/name`, value: predictor.name }) as const,
  );
  return [...stable, ...canaries, ...writes];
}

function predictorWrites(before: Predictor, after: Predictor): PatchOperation[] {
  return FIELDS.filter((field) => !isDeepStrictEqual(before[field], after[field])).map((field) => {
    const path = `/spec/predictor/${field}`;
    return after[field] === undefined ? { op: 'remove', path } : { op: 'add', path, value: after[field] };
  });
}

function canaryWrites(before: readonly Canary[] | undefined, after: readonly Canary[] | undefined): PatchOperation[] {
  const [old, young] = [before ?? [], after ?? []];
  if (isDeepStrictEqual(old, young)) return [];
  if (young.length === 0) return [{ op: 'remove', path: '/spec/canary' }];
  if (old.length !== young.length) return [{ op: 'add', path: '/spec/canary', value: young }];
  return young.flatMap((now, index) => {
    const was = old[index];
    if (was === undefined || isDeepStrictEqual(was, now)) return [];
    const percent = { op: 'add', path: `${entry(index)}/trafficPercent`, value: now.trafficPercent } as const;
    const onlyPercent = isDeepStrictEqual({ ...was, trafficPercent: now.trafficPercent }, now);
    return [onlyPercent ? percent : ({ op: 'replace', path: entry(index), value: now } as const)];
  });
}

function entry(index: number): string {
  return `/spec/canary/${index}`;
}
