import { decideDrift } from '../../scorecards/drift/decide.ts';
import { pictureOf, psiOf } from '../../scorecards/drift/picture.ts';
import type { TwoSides } from '../../scorecards/drift/compare.ts';
import type { Sketch } from '../../scorecards/drift/sketch.ts';
import type { DriftFinding, DriftVerdict, DriftWord } from '../../scorecards/drift/verdict.ts';
import type { TrendPoint } from '../../activities/drift-pictures.ts';
import type { FeatureStory } from '../report/feature-cards.ts';
import { worstFirst } from '../report/worst-first.ts';
import type { LeftOut } from './compared-columns.ts';

/** Some current files that are a point of the trend. */
export interface Part {
  readonly name: string;
  readonly sketches: ReadonlyMap<string, Sketch>;
}

/** What `understudy drift compare -o json` prints. */
export interface Comparison {
  readonly verdict: DriftWord;
  readonly reasons: readonly string[];
  readonly shares: DriftVerdict['shares'];
  /** Importance-weighted share of drifted features from which the data drift. */
  readonly share: number;
  readonly rows: { readonly baseline: number; readonly current: number };
  readonly files: { readonly baseline: number; readonly current: number };
  /** Worst first. */
  readonly features: readonly FeatureStory[];
  readonly leftOut: readonly LeftOut[];
}

export interface Judged {
  readonly sides: TwoSides;
  readonly findings: readonly DriftFinding[];
  readonly share: number;
  readonly parts: readonly Part[];
  readonly files: Comparison['files'];
  readonly leftOut: readonly LeftOut[];
}

/** The fold over all findings, and the features, worst first. */
export function concludeComparison({ files, findings, leftOut, parts, share, sides }: Judged): Comparison {
  // No time is known of files; the window is only named where all is well, and those words are our own.
  const window = { from: '1970-01-02T00:00:00.000Z', until: '1970-01-03T00:00:00.000Z' };
  const { reasons, shares, verdict } = decideDrift(findings, { share, window });
  const isQuiet = findings.every(({ judged, level }) => judged === 'pass' && level === 'none');
  const features = worstFirst(findings).map((feature) => ({ ...feature, ...historyOf(feature.column, sides, parts) }));
  return {
    verdict,
    reasons: isQuiet ? [`All ${findings.length} criteria hold.`] : reasons,
    shares,
    share,
    rows: sides.rows,
    files,
    features,
    leftOut,
  };
}

function historyOf(
  column: string,
  { baseline, current, grids }: TwoSides,
  parts: readonly Part[],
): Pick<FeatureStory, 'picture' | 'trend'> {
  const grid = grids.find(({ feature }) => feature === column);
  const [before, now] = [baseline.get(column), current.get(column)];
  if (!grid || !before || !now) return { trend: [] };
  const trend = parts.map(({ name, sketches }): TrendPoint => {
    const part = sketches.get(column);
    return { name, rows: part?.rows ?? 0, psi: part ? psiOf(grid, before, part) : null };
  });
  return { picture: pictureOf(grid, before, now), trend: trend.length > 1 ? trend : [] };
}
