import type { KeptVerdict } from '../../../activities/scorecard.ts';
import type { CandidateFinding } from '../../../scorecards/candidate/verdict.ts';
import { counted } from '../../../scorecards/counted.ts';
import { percentText } from '../../../scorecards/performance/sentence.ts';
import { edge } from '../charts/model-scores.ts';
import { criteriaTable } from './criteria-table.ts';
import { modelCharts } from './model-charts.ts';
import { sliceStrips } from './slice-strips.ts';
import { JUDGED, sentence, VERDICTS } from './words.ts';

/** A verdict as evidence keeps it, of this version or an earlier one, or of files. */
export type ReportedVerdict = Omit<KeptVerdict, 'candidate'> & Partial<Pick<KeptVerdict, 'candidate'>>;

const MOST_REASONS = 12;

/**
 * Everything about a scorecard's verdict in at most so many bytes: the verdict and why, each criterion with a bar against its
 * bound, slices as strips, then scores, calibration and latencies. Sentences that find no room are counted.
 */
export function scorecardSection(verdict: ReportedVerdict, bytes: number): string {
  const { findings } = verdict;
  const charts = modelCharts(verdict);
  const head = `${verdictLine(verdict)}${reasonsOf(verdict)}${warningsOf(verdict)}${rowsOf(verdict)}`;
  const room = Math.max(0, bytes - Buffer.byteLength(head) - Buffer.byteLength(charts));
  const hasSlices = findings.some(({ slice }) => slice !== null);
  const criteria = criteriaTable(findings, hasSlices ? room * 0.4 : room);
  const slices = sliceStrips(findings, Math.max(0, room - Buffer.byteLength(criteria)));
  return `${head}${criteria === '' ? '' : `<h3>Criteria</h3>${criteria}`}${slices === '' ? '' : `<h3>Slices</h3>${slices}`}${charts}`;
}

function verdictLine({ findings, of, passed, verdict }: ReportedVerdict): string {
  const count = (judged: CandidateFinding['judged']) => findings.filter((one) => one.judged === judged).length;
  const others = (['fail', 'missing', 'inconclusive'] as const).flatMap((judged) =>
    count(judged) > 0 ? [`${counted(count(judged))} ${wordOf(judged, count(judged))}`] : [],
  );
  const tally = [`${counted(passed)} of ${counted(of)} findings hold`, ...others].join(', ');
  return `<p class="verdict ${verdict}"><strong>${VERDICTS[verdict]}</strong> ${tally}</p>`;
}

const wordOf = (judged: CandidateFinding['judged'], count: number): string =>
  judged === 'fail' && count > 1 ? 'fail' : JUDGED[judged].word;

function reasonsOf({ notApplicable, reasons }: ReportedVerdict): string {
  const rest = reasons.length - MOST_REASONS;
  const told = [
    ...reasons.slice(0, MOST_REASONS),
    ...(rest > 0 ? [`${counted(rest)} more reasons stand with their criteria below.`] : []),
    ...notApplicable.map((text) => `Not applicable: ${text}.`),
  ];
  return list(told);
}

/** What stops nobody and everybody should read, and how it was judged. */
function warningsOf({ notes = [], warnings = [] }: ReportedVerdict): string {
  const noted = notes.map((text) => `<p class="key">${sentence(text)}</p>`).join('');
  return `${warnings.length === 0 ? '' : `<h3>! Warnings</h3>${list(warnings)}`}${noted}`;
}

const list = (sentences: readonly string[]): string =>
  sentences.length === 0 ? '' : `<ul>${sentences.map((text) => `<li>${sentence(text)}</li>`).join('')}</ul>`;

/** Which rows the numbers rest on, and where the cuts are. */
function rowsOf({ coverage, operatingPoint }: ReportedVerdict): string {
  const rows =
    coverage && coverage.rows > 0
      ? [
          `Judged on ${counted(coverage.rows)} rows, of which ${counted(coverage.labelled)} have a label (${percentText(coverage.labelled / coverage.rows)}).`,
        ]
      : [];
  const champion = operatingPoint?.champion;
  const cuts = operatingPoint
    ? [
        `Flagged from a score of ${edge(operatingPoint.challenger)} (candidate)${champion === undefined ? '' : `, ${edge(champion)} (champion)`}.`,
      ]
    : [];
  return rows.length + cuts.length === 0 ? '' : `<p class="key">${[...rows, ...cuts].join(' ')}</p>`;
}
