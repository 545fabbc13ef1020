import type { CandidateVerdict } from '../../scorecards/candidate/verdict.ts';
import { counted } from '../../scorecards/counted.ts';
import type { Scorecard } from '../../scorecards/scorecard-schema.ts';
import { saySigners } from '../../scorecards/sign-off.ts';
import { judgedFacts } from '../report/judged-facts.ts';
import type { JudgedFiles } from './judge-files.ts';

/** A judgement with what it was made by. */
export interface Judgement extends JudgedFiles {
  readonly scorecard: Scorecard;
  /** SHA-256, hex, of the resolved scorecard. */
  readonly digest: string;
  readonly bootstrap: boolean;
}

export const VERDICT_WORDS: Readonly<Record<CandidateVerdict['verdict'], string>> = {
  pass: 'passed',
  fail: 'failed',
  inconclusive: 'inconclusive',
};
export const VERDICT_MARKS: Readonly<Record<CandidateVerdict['verdict'], string>> = {
  pass: '✔',
  fail: '✖',
  inconclusive: '?',
};

/** `5 of 7 findings hold, 1 fail, 1 missing`. */
export function countsOf({ verdict: { findings, of, passed } }: Pick<Judgement, 'verdict'>): string {
  const open = (['fail', 'inconclusive', 'missing'] as const).flatMap((word) => {
    const count = findings.filter(({ judged }) => judged === word).length;
    return count === 0 ? [] : [`${count} ${word}`];
  });
  return [`${passed} of ${of} findings hold`, ...open].join(', ');
}

/** Name and value of everything that a judgement rests on. */
export function factsOf(judgement: Judgement): readonly (readonly [name: string, value: string])[] {
  const { bootstrap, coverage, digest, files, operatingPoint, scorecard, verdict } = judgement;
  const { metadata, spec } = scorecard;
  const cut = (value: number) => String(Number(value.toPrecision(6)));
  return [
    ['scorecard', `${metadata.name}, sha256:${digest}`],
    ['signed off by', saySigners(spec.signedOffBy)],
    ...(bootstrap ? [['champion', 'none was given: bounds that compare with it do not apply'] as const] : []),
    ...(coverage ? [['rows', rowsText(coverage)] as const] : []),
    ...(operatingPoint
      ? [
          [
            'flagged from',
            operatingPoint.champion === undefined
              ? cut(operatingPoint.challenger)
              : `${cut(operatingPoint.challenger)} (challenger), ${cut(operatingPoint.champion)} (champion)`,
          ] as const,
        ]
      : []),
    ...judgedFacts(verdict),
    ...files.map(({ path, role, sha256 }) => [role, `${path}, sha256:${sha256}`] as const),
  ];
}

const rowsText = ({ labelled, rows }: NonNullable<JudgedFiles['coverage']>): string =>
  `${counted(rows)}, ${counted(labelled)} of them labelled (${Number(((100 * labelled) / Math.max(1, rows)).toFixed(1))} %)`;
