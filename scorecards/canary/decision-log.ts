import { heldBy, openPhase, takeLook } from './judge.ts';
import type { CanaryState } from './judge.ts';
import type { CanaryPlan, CanaryVerdict, Look } from './verdict.ts';

/** One line of the decision log: what was seen, and what followed from it and all looks before. Plain JSON. */
export interface LookLine {
  /** `shadow`, `step-5`, `soak`. */
  readonly phase: string;
  /** From 1 in each phase, without a gap. */
  readonly number: number;
  readonly look: Look;
  readonly verdict: CanaryVerdict;
  /** How the phase was opened; on its first line. */
  readonly opened?: { readonly plan: CanaryPlan; readonly startedAt: number };
  /** Why the phase was held whatever the counts said: somebody else's weights are in effect. */
  readonly foreign?: string;
}

export type Replay =
  | { readonly kind: 'same'; readonly phases: number; readonly looks: number }
  /** The first verdict that the judge does not reach again. */
  | {
      readonly kind: 'different';
      readonly phase: string;
      readonly number: number;
      readonly logged: CanaryVerdict;
      readonly judged: CanaryVerdict;
    }
  /** The log is not whole, so nothing can be said from this line on. */
  | { readonly kind: 'incomplete'; readonly phase: string; readonly number: number; readonly why: string };

interface Open {
  readonly phase: string;
  readonly plan: CanaryPlan;
  readonly state: CanaryState;
  readonly number: number;
}

/**
 * Judges a log again, line by line in its order, and says whether every verdict is the same to the last bit. A first line with
 * number 1 opens a phase; an empty log is the same.
 */
export function replayLooks(lines: Iterable<LookLine>): Replay {
  let open: Open | undefined;
  let [phases, looks] = [0, 0];
  for (const line of lines) {
    const { phase, number } = line;
    const before = line.number === 1 ? openedBy(line) : open;
    if (line.number === 1) phases += 1;
    if (before === undefined) return { kind: 'incomplete', phase, number, why: whyUnopened(line) };
    if (before.phase !== phase || before.number + 1 !== number) {
      const why = `look ${before.number + 1} of ${before.phase} was expected`;
      return { kind: 'incomplete', phase, number, why };
    }
    const { state, verdict } = takeLook(before.plan, before.state, line.look);
    const judged = line.foreign === undefined ? verdict : heldBy(verdict, line.foreign);
    if (!isSame(judged, line.verdict)) return { kind: 'different', phase, number, logged: line.verdict, judged };
    open = { ...before, state, number };
    looks += 1;
  }
  return { kind: 'same', phases, looks };
}

function openedBy({ phase, opened }: LookLine): Open | undefined {
  if (opened === undefined) return undefined;
  return { phase, plan: opened.plan, state: openPhase(opened.plan, opened.startedAt), number: 0 };
}

function whyUnopened({ number }: LookLine): string {
  return number === 1
    ? 'its first line does not say with which plan it was judged'
    : 'its first line is not in the log';
}

/** Both are built by the same code, so their fields have one order. */
function isSame(one: CanaryVerdict, other: CanaryVerdict): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
