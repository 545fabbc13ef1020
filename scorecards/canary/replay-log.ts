import type { EndLine, LogLine, LookLine, PhaseLine } from './decision-log.ts';
import { judgeShadow } from './disagreement.ts';
import { cancelPhase } from './judge.ts';
import type { CanaryPlan, CanaryVerdict, CanaryWord } from './verdict.ts';
import { lookOnce, openWatch, whileForeign } from './watch.ts';
import type { Watch } from './watch.ts';

/** Where a log and the judge part. `line` counts from 1. */
export interface Difference {
  readonly line: number;
  readonly phase: string;
  /** Absent where the line is no look. */
  readonly look?: number;
  /** Which value: `verdict.word`, `number`, … */
  readonly what: string;
  readonly recorded: string;
  readonly replayed: string;
}

export interface ReplayedPhase {
  readonly phase: string;
  readonly percent: number;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly looks: number;
  /** Looks that saw nothing: the gateway could not be asked, or its answer could not be compared. */
  readonly gaps: number;
  readonly requests: { readonly champion: number; readonly challenger: number };
  readonly bad: { readonly champion: number; readonly challenger: number };
  /** The last verdict; absent before the first look. */
  readonly word?: CanaryWord;
  /** Absent: the log stops before the phase ended. */
  readonly ended?: EndLine['why'];
}

export interface ReplayedLog {
  readonly lines: number;
  readonly looks: number;
  readonly phases: readonly ReplayedPhase[];
  /** The first; what comes after it was not judged. Absent: every verdict is reproduced. */
  readonly difference?: Difference;
}

/** A watch as its log tells it. */
export interface Retold {
  readonly opening: PhaseLine;
  readonly watch: Watch;
  readonly verdict?: CanaryVerdict;
  readonly end?: EndLine;
  readonly gaps: number;
  /** When counters were last compared, epoch milliseconds; absent: never. */
  readonly lastGoodAt?: number;
}

/** So much may a number differ, relatively: another processor or engine may round a logarithm another way. */
const ROUNDING = 1e-9;

/**
 * Judges a whole log again, from the counters that were read, and holds each line against what comes out. Words, counts and
 * e-values must be the same; the sentences are the wording of a version and are not compared. An empty log is reproduced.
 */
export function replayLog(lines: readonly LogLine[]): ReplayedLog {
  const phases: ReplayedPhase[] = [];
  let now: Retold | undefined;
  let looks = 0;
  for (const [index, line] of lines.entries()) {
    const told = retell(now, line);
    if ('what' in told) {
      const difference = { line: index + 1, phase: line.phase, ...told };
      return { lines: lines.length, looks, phases: [...phases, ...summaryOf(now)], difference };
    }
    if (line.kind === 'look') looks += 1;
    if (line.kind === 'phase') phases.push(...summaryOf(now));
    now = told;
  }
  return { lines: lines.length, looks, phases: [...phases, ...summaryOf(now)] };
}

/** What a watch knew when its log stopped, judged again; undefined when these lines are not one whole beginning of a watch. */
export function retellWatch(lines: readonly LogLine[]): Retold | undefined {
  let now: Retold | undefined;
  for (const line of lines) {
    const told = retell(now, line);
    if ('what' in told) return undefined;
    now = told;
  }
  return now;
}

type Parting = Pick<Difference, 'look' | 'what' | 'recorded' | 'replayed'>;

function retell(now: Retold | undefined, line: LogLine): Retold | Parting {
  if (line.kind === 'phase') return { opening: line, watch: openWatch(line.plan, line.startedAt), gaps: 0 };
  if (now === undefined) return { what: 'kind', recorded: line.kind, replayed: 'phase: a log begins with one' };
  const wrong = misplaced(now, line);
  if (wrong) return wrong;
  return line.kind === 'look' ? retellLook(now, line) : retellEnd(now, line);
}

function misplaced({ end, opening, watch }: Retold, line: LookLine | EndLine): Parting | undefined {
  const at = line.kind === 'look' ? { look: line.number } : {};
  if (end) return { ...at, what: 'kind', recorded: line.kind, replayed: `phase: ${end.phase} had ended` };
  if (line.phase !== opening.phase) return { ...at, what: 'phase', recorded: line.phase, replayed: opening.phase };
  const [recorded, expected] = line.kind === 'look' ? [line.number, watch.number + 1] : [line.looks, watch.number];
  if (recorded === expected) return undefined;
  return { ...at, what: line.kind === 'look' ? 'number' : 'looks', recorded: `${recorded}`, replayed: `${expected}` };
}

function retellLook(now: Retold, line: LookLine): Retold | Parting {
  const { plan } = now.opening;
  const seen = lookOnce(plan, now.watch, line.reading);
  const verdict = whileForeign(seen.verdict, line.foreign);
  const parted =
    differenceOf('look', line.look, seen.look) ??
    differenceOf('verdict', factsOf(line.verdict), factsOf(verdict)) ??
    differenceOf('share', line.share, seen.share.word) ??
    partingOfPairs(line);
  if (parted) return { look: line.number, ...parted };
  const after = { ...now, watch: seen.watch, verdict };
  return seen.look.kind === 'missed' ? { ...after, gaps: now.gaps + 1 } : { ...after, lastGoodAt: seen.look.at };
}

function retellEnd(now: Retold, line: EndLine): Retold | Parting {
  return differenceOf('word', line.word, endWord(now.opening.plan, now, line.why)) ?? { ...now, end: line };
}

/** What a phase is said to have ended with. */
export function endWord(
  plan: CanaryPlan,
  { verdict, watch }: { readonly watch: Watch; readonly verdict?: CanaryVerdict },
  why: EndLine['why'],
): CanaryWord {
  const calledOff = () => cancelPhase(plan, watch.state).verdict.word;
  return why === 'called-off' ? calledOff() : (verdict?.word ?? calledOff());
}

function partingOfPairs({ pairs }: LookLine): Parting | undefined {
  return pairs && differenceOf('pairs.verdict', pairs.verdict, judgeShadow(pairs).verdict);
}

/** Of each further event, too. */
const factsOf = ({ reason: _wording, ...facts }: CanaryVerdict) => facts;

/** The first field, in depth, whose values are not the same. */
function differenceOf(what: string, recorded: unknown, replayed: unknown): Parting | undefined {
  if (isSame(recorded, replayed)) return undefined;
  if (!isRecord(recorded) || !isRecord(replayed)) return { what, recorded: told(recorded), replayed: told(replayed) };
  const names = [...new Set([...Object.keys(recorded), ...Object.keys(replayed)])];
  for (const name of names) {
    const found = differenceOf(`${what}.${name}`, recorded[name], replayed[name]);
    if (found) return found;
  }
  return undefined;
}

function isSame(recorded: unknown, replayed: unknown): boolean {
  if (typeof recorded !== 'number' || typeof replayed !== 'number') return recorded === replayed;
  return Math.abs(recorded - replayed) <= ROUNDING * Math.max(Math.abs(recorded), Math.abs(replayed));
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;
const told = (value: unknown): string => (value === undefined ? 'nothing' : String(JSON.stringify(value)));

function summaryOf(told: Retold | undefined): ReplayedPhase[] {
  if (!told) return [];
  const { end, gaps, opening, verdict, watch } = told;
  const { champion, challenger } = watch.state;
  const word = end?.word ?? verdict?.word;
  return [
    {
      phase: opening.phase,
      percent: opening.plan.percent,
      startedAt: new Date(opening.startedAt).toISOString(),
      looks: watch.number,
      gaps,
      requests: { champion: champion.requests, challenger: challenger.requests },
      bad: { champion: champion.bad, challenger: challenger.bad },
      ...(word === undefined ? {} : { word }),
      ...(end ? { ended: end.why } : {}),
    },
  ];
}
