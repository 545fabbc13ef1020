import { judgeFreshness } from './freshness.ts';
import { measureDrift } from './measure.ts';
import { isShareOfGaps, testGaps } from './gaps.ts';
import { judgeSchema } from './schema-change.ts';
import { describeMeasured } from './sentence.ts';
import { sidesOn } from './sides.ts';
import { sketchName } from './slices.ts';
import { judgeStrays } from './strays.ts';
import { FALSE_DISCOVERIES, judgeTogether } from './together.ts';
import type { Tested } from './together.ts';
import { unmeasurable, whyNotJudged } from './unjudged.ts';
import { testUnseen } from './unseen-categories.ts';
import type { DriftCriterion, DriftFinding, DriftMeasurement, DriftReason, Level } from './verdict.ts';
import { judgeVolumes } from './volume.ts';
import type { WindowInput } from './window-input.ts';

/** A raised criterion falls back only below this share of the bound that raised it. */
const HYSTERESIS = 0.7;

/**
 * One finding per criterion, in their order, and one each where rows lie in no bucket, come late, or are far more or fewer than
 * usual. What cannot be judged is
 * `missing` or `inconclusive` before anything is compared; a distance is raised only by its size together with significance over
 * all criteria of the window and, for PSI, its noise floor. Throws when sketches of different grids are to be compared.
 */
export const judgeWindow = (input: WindowInput): readonly DriftFinding[] => judgeTogether(testWindow(input));

/** The same before it is judged, for whoever asks more of the window than its sketches tell. */
export const testWindow = (input: WindowInput): readonly Tested[] => [
  ...input.criteria.map((criterion) => measureOne(criterion, input)),
  ...judgeStrays(input),
  ...judgeFreshness(input),
  ...judgeVolumes(input),
];

function measureOne(criterion: DriftCriterion, input: WindowInput): Tested {
  if (criterion.metric === 'schema') return judgeSchema(criterion, input);
  const unjudged = whyNotJudged(criterion, input);
  if (unjudged) return unjudged;
  const name = nameOf(criterion);
  const current = required(input.current.get(name), criterion);
  const baseline = required(input.baseline.get(name), criterion);
  const designEffect = input.designEffect ?? 1;
  if (isShareOfGaps(criterion.metric)) return testGaps(criterion, { baseline, current }, designEffect);
  if (criterion.metric === 'unseenShare') return testUnseen(criterion, { baseline, current }, designEffect);
  const gridOf = (feature: string) => input.grids.find((grid) => grid.feature === feature);
  // A slice is counted on its column's grid, unless it has one of its own.
  const grid = required(gridOf(name) ?? gridOf(criterion.column), criterion);
  const measured = measureDrift(criterion.metric, sidesOn(grid, baseline, current), designEffect);
  if (!measured) return unmeasurable(criterion);
  const { p: alone, ...measurement } = measured;
  return { p: alone, judge: (p) => judgeDistance(criterion, { ...measurement, p }) };
}

const nameOf = ({ column, slice }: DriftCriterion): string => sketchName(column, slice[0]);

function required<T>(value: T | undefined, { column }: DriftCriterion): T {
  if (value === undefined) throw new Error(`${column}: no grid was frozen for this column, so nothing can be compared`);
  return value;
}

/** A measured distance against its bounds; equality breaches. `prior` is the level after the window before. */
export function judgeDistance(
  criterion: DriftCriterion,
  measurement: DriftMeasurement,
  prior: Level = 'none',
): DriftFinding {
  const doubt = whyNoise(measurement);
  const fresh = doubt ? 'none' : levelAt(criterion, measurement.value, 1);
  const held = doubt ? 'none' : lower(prior, levelAt(criterion, measurement.value, HYSTERESIS));
  const level = RANK[held] > RANK[fresh] ? held : fresh;
  const small = measurement.value < criterion.warn;
  const reason: DriftReason = level !== fresh ? 'held-by-hysteresis' : (doubt && !small && doubt) || REASON[level];
  const judged = level === 'breach' ? 'fail' : 'pass';
  return { criterion, judged, level, reason, measurement, sentence: describeMeasured(criterion, measurement, reason) };
}

const RANK: Readonly<Record<Level, number>> = { none: 0, warn: 1, breach: 2 };
const REASON: Readonly<Record<Level, DriftReason>> = { none: 'within-bound', warn: 'warning', breach: 'breach' };
const lower = (one: Level, other: Level): Level => (RANK[one] < RANK[other] ? one : other);

function levelAt({ warn, limit }: DriftCriterion, value: number, factor: number): Level {
  if (value >= limit * factor) return 'breach';
  return value >= warn * factor ? 'warn' : 'none';
}

function whyNoise({ value, noise, p }: DriftMeasurement): 'below-noise' | 'not-significant' | undefined {
  if (noise && value < noise.floor) return 'below-noise';
  return p && p.adjusted > FALSE_DISCOVERIES ? 'not-significant' : undefined;
}
