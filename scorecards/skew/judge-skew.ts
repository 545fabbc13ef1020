import { counted } from '../counted.ts';
import { broken, held, percentText } from '../data-checks/finding.ts';
import type { DataFinding } from '../data-checks/finding.ts';
import type { Policy } from '../policy/schema.ts';
import { formatDuration } from '../policy/units.ts';
import { wilson } from '../statistics/wilson.ts';
import type { Parity, ServedProfile } from './measured.ts';

export type SkewRule = Policy['spec']['shadow']['skew'];
type Feature = NonNullable<Policy['spec']['data']['features']>[number];

/** Of single requests: a share of differences counts as more than allowed when the lower end of its interval is. */
export function judgeParity(rule: NonNullable<SkewRule['rows']>, parity: Parity): readonly DataFinding[] {
  const { absent, compared, features, joined } = parity;
  const facts = { check: 'served-rows', kind: 'skew', rows: compared, limit: rule.atMost } as const;
  const lacking = absent.map((column): DataFinding => {
    const sentence = `The observations have no column "${column}", so served rows cannot be held against them.`;
    return { ...facts, judged: 'missing', level: 'none', column, sentence };
  });
  if (joined < rule.atLeast) {
    const sentence = `${counted(joined)} served requests have an observation of the same id, ${counted(rule.atLeast)} are needed to compare rows.`;
    return [...lacking, { ...facts, judged: 'inconclusive', level: 'none', sentence }];
  }
  const judged = features.map(({ different, examples, name }): DataFinding => {
    const share = wilson(different, compared);
    const value = share?.value ?? 0;
    const about = { ...facts, column: name, value };
    if (different === 0)
      return held({
        ...about,
        sentence: `"${name}" is the same at serving and in training in ${counted(compared)} rows.`,
      });
    const sentence = `"${name}" differs between serving and training in ${counted(different)} of ${counted(compared)} rows (${percentText(value)}, at most ${percentText(rule.atMost)}, tolerance ${rule.tolerance}), such as ${examples.join(', ')}.`;
    return broken({ ...about, sentence }, (share?.low ?? 0) > rule.atMost ? 'fail' : 'warn');
  });
  return [...lacking, ...judged];
}

/** FE4: a value that is older than allowed when it is used, and one whose age nobody can tell. */
export function judgeServedFreshness(features: readonly Feature[], profile: ServedProfile): readonly DataFinding[] {
  return features.flatMap(({ at, freshWithin, name }) => {
    if (at === undefined || freshWithin === undefined) return [];
    const found = profile.features.find((one) => one.name === name)?.fresh;
    const facts = { check: 'feature-freshness', kind: 'skew', column: name, rows: profile.rows, limit: 0 } as const;
    const bound = formatDuration(freshWithin);
    if (!found || found.unknown > 0) {
      const sentence = `How old "${name}" is cannot be told in ${counted(found?.unknown ?? profile.rows)} of ${counted(profile.rows)} served requests: their inputs lack "${at}".`;
      return [{ ...facts, judged: 'missing' as const, level: 'none' as const, sentence }];
    }
    const value = found.stale;
    if (value === 0)
      return [held({ ...facts, value, sentence: `"${name}" is never older than ${bound} when it is served.` })];
    const sentence = `"${name}" is older than ${bound} in ${counted(value)} of ${counted(profile.rows)} served requests.`;
    return [broken({ ...facts, value, sentence }, 'fail')];
  });
}

export interface SkewVerdict {
  readonly verdict: 'pass' | 'fail' | 'inconclusive';
  /** What does not hold and what could not be judged, worst first. */
  readonly reasons: readonly string[];
  /** Breaches that somebody answers for. */
  readonly waived: readonly string[];
}

/**
 * A breach of a waived feature stays in sight as a warning with the name and the reason of who waived it. One whose last day
 * (UTC) is over at `asOf` waives nothing, and the finding says so.
 */
export function waive(
  findings: readonly DataFinding[],
  waivers: SkewRule['waivers'],
  asOf: string,
): readonly DataFinding[] {
  const day = new Date(asOf).toISOString().slice(0, 10);
  return findings.map((finding) => {
    if (finding.judged === 'pass') return finding;
    const own = waivers.filter(({ feature }) => feature === finding.column);
    const waiver = own.find(({ until }) => until >= day);
    if (waiver) {
      const { by, reason, until } = waiver;
      const sentence = `${finding.sentence} Waived by ${by} until ${until}: ${reason}`;
      return { ...finding, judged: 'pass', level: 'warn', waived: { by, reason, until }, sentence };
    }
    const expired = own.toSorted((a, b) => b.until.localeCompare(a.until))[0];
    if (!expired) return finding;
    const { by, until } = expired;
    return { ...finding, sentence: `${finding.sentence} The waiver by ${by} ended on ${until}.` };
  });
}

/** Any breach fails; what was asked for and could not be judged is inconclusive, and never a pass. */
export function concludeSkew(findings: readonly DataFinding[]): SkewVerdict {
  const failed = findings.filter(({ judged }) => judged === 'fail');
  const unjudged = findings.filter(({ judged }) => judged === 'missing' || judged === 'inconclusive');
  const warned = findings.filter(({ judged, level, waived }) => judged === 'pass' && level === 'warn' && !waived);
  return {
    verdict: failed.length > 0 ? 'fail' : unjudged.length > 0 ? 'inconclusive' : 'pass',
    reasons: [...failed, ...unjudged, ...warned].map(({ sentence }) => sentence),
    waived: findings.filter(({ waived }) => waived).map(({ sentence }) => sentence),
  };
}
