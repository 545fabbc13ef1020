import { decideDrift } from '../../scorecards/drift/decide.ts';
import { pictureOf, psiOf } from '../../scorecards/drift/picture.ts';
import type { Picture } from '../../scorecards/drift/picture.ts';
import type { TwoSides } from '../../scorecards/drift/compare.ts';
import type { Sketch } from '../../scorecards/drift/sketch.ts';
import type { DriftFinding, DriftVerdict, DriftWord } from '../../scorecards/drift/verdict.ts';
import type { TrendPoint } from '../../activities/drift-pictures.ts';
import type { LeftOut } from './compared-columns.ts';

/** Some current files that are a point of the trend. */
export interface Part {
  readonly name: string;
  readonly sketches: ReadonlyMap<string, Sketch>;
}

export interface ComparedFeature {
  readonly column: string;
  readonly verdict: DriftWord;
  /** What decided: the worst finding. */
  readonly worst: DriftFinding;
  readonly findings: readonly DriftFinding[];
  readonly picture?: Picture;
  /** Empty unless the current side has several parts. */
  readonly trend: readonly TrendPoint[];
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
  readonly features: readonly ComparedFeature[];
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
  const features = [...new Set(findings.map(({ criterion }) => criterion.column))].map((column) =>
    featureOf(column, findings, sides, parts),
  );
  return {
    verdict,
    reasons: isQuiet ? [`All ${findings.length} criteria hold.`] : reasons,
    shares,
    share,
    rows: sides.rows,
    files,
    features: features.toSorted((a, b) => severityOf(b.worst) - severityOf(a.worst)),
    leftOut,
  };
}

function featureOf(
  column: string,
  all: readonly DriftFinding[],
  { baseline, current, grids }: TwoSides,
  parts: readonly Part[],
): ComparedFeature {
  const findings = all.filter(({ criterion }) => criterion.column === column);
  const [first, ...rest] = findings;
  if (!first) throw new Error(`nothing was asked of ${column}`);
  const worst = rest.reduce((before, next) => (severityOf(next) > severityOf(before) ? next : before), first);
  const grid = grids.find(({ feature }) => feature === column);
  const [before, now] = [baseline.get(column), current.get(column)];
  const feature = { column, verdict: wordOf(worst), worst, findings };
  if (!grid || !before || !now) return { ...feature, trend: [] };
  const trend = parts.map(({ name, sketches }): TrendPoint => {
    const part = sketches.get(column);
    return { name, rows: part?.rows ?? 0, psi: part ? psiOf(grid, before, part) : null };
  });
  return { ...feature, picture: pictureOf(grid, before, now), trend: trend.length > 1 ? trend : [] };
}

function wordOf({ criterion, judged, level }: DriftFinding): DriftWord {
  if (judged === 'fail') return criterion.kind === 'schema' ? 'blocked' : 'drift';
  if (judged !== 'pass') return 'inconclusive';
  return level === 'warn' ? 'warn' : 'steady';
}

const RANK: Readonly<Record<DriftWord, number>> = { blocked: 4, drift: 3, inconclusive: 2, warn: 1, steady: 0 };

/** The word first; inside a word how far the value has come to its limit. */
export function severityOf(finding: DriftFinding): number {
  const { criterion, measurement } = finding;
  const reached = measurement && criterion.limit > 0 ? measurement.value / criterion.limit : 0;
  return RANK[wordOf(finding)] + reached / (1 + reached);
}
