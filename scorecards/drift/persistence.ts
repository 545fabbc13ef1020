import type { DriftKind, DriftVerdict } from './verdict.ts';

export type DriftResponse = 'ignore' | 'observe' | 'retrain' | 'block';
/** A divergence is not drift: no policy answers it. */
export type Respond = Readonly<Record<Exclude<DriftKind, 'divergence'>, DriftResponse>>;

export interface Firing {
  readonly fires: boolean;
  /** The kind that fired, or that drifts in the newest window without having lasted. */
  readonly kind: DriftKind | null;
  readonly reason: string;
  /** The newest window drifts, but drift has not lasted long enough. */
  readonly suppressedSpike: boolean;
}

const hasDrifted = (verdict: DriftVerdict, kind: DriftKind): boolean =>
  verdict.byKind[kind] === 'drift' || verdict.byKind[kind] === 'blocked';
const isConclusive = (verdict: DriftVerdict, kind: DriftKind): boolean =>
  verdict.byKind[kind] !== undefined && verdict.byKind[kind] !== 'inconclusive';

/**
 * Whether drift has lasted: `windows` of the last `of` conclusive windows drift in one of `kinds` (those that the policy
 * answers with `retrain`), and the newest window is itself one of them. `verdicts` are of successive windows, newest last; an
 * inconclusive window neither counts nor clears.
 */
export function firesNow(
  verdicts: readonly DriftVerdict[],
  rule: { readonly windows: number; readonly of: number },
  kinds: readonly DriftKind[],
): Firing {
  const newest = verdicts.at(-1);
  const drifting = kinds
    .filter((kind) => newest && hasDrifted(newest, kind))
    .map((kind) => {
      const judged = verdicts.filter((verdict) => isConclusive(verdict, kind)).slice(-rule.of);
      return { kind, of: judged.length, drifted: judged.filter((verdict) => hasDrifted(verdict, kind)).length };
    })
    .toSorted((a, b) => b.drifted - a.drifted);
  const [most] = drifting;
  if (!most) {
    const reason = `The newest window shows no drift of ${kinds.join(' or ') || 'any kind that retrains'}.`;
    return { fires: false, kind: null, reason, suppressedSpike: false };
  }
  const fires = most.drifted >= rule.windows;
  const counted = `${most.kind} drifted in ${most.drifted} of the last ${most.of} judged windows, ${rule.windows} are needed`;
  const reason = fires ? `Drift lasts: ${counted}.` : `A spike so far: ${counted}.`;
  return { fires, kind: most.kind, reason, suppressedSpike: !fires };
}

export interface Response {
  readonly response: DriftResponse;
  readonly kind: DriftKind | null;
  readonly reason: string;
}

const STRONGEST_FIRST: readonly DriftResponse[] = ['block', 'retrain', 'observe', 'ignore'];

/**
 * What the policy answers to one window: the strongest response among the kinds that drift. Nothing drifts: `ignore`; it could
 * not be judged: `observe`. Whether a `retrain` has lasted long enough is `firesNow`'s to say.
 */
export function respondTo(verdict: DriftVerdict, respond: Respond): Response {
  const kinds = (Object.keys(respond) as (keyof Respond)[]).filter((kind) => hasDrifted(verdict, kind));
  const [strongest] = kinds
    .map((kind) => ({ kind, response: respond[kind] }))
    .toSorted((a, b) => STRONGEST_FIRST.indexOf(a.response) - STRONGEST_FIRST.indexOf(b.response));
  const because = verdict.reasons[0] ?? '';
  if (strongest) {
    const own = verdict.top.find(({ criterion, judged }) => criterion.kind === strongest.kind && judged === 'fail');
    const reason = `The policy answers ${strongest.kind} drift with ${strongest.response}. ${own?.sentence ?? because}`;
    return { ...strongest, reason };
  }
  if (verdict.verdict === 'inconclusive') return { response: 'observe', kind: null, reason: because };
  return { response: 'ignore', kind: null, reason: because };
}
