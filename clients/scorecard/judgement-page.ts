import { escape } from '../report/escape.ts';
import { renderPage, section } from '../report/page.ts';
import { scorecardSection } from '../report/scorecard/section.ts';
import { printable } from '../../scorecards/diagnostics/diagnostic.ts';
import { countsOf, factsOf, VERDICT_MARKS, VERDICT_WORDS } from './told.ts';
import type { Judgement } from './told.ts';

/** A page has at most 300 KB. */
const MOST_BYTES = 296_000;

/** The judgement as one file without scripts, told as in the report of a run; the same judgement gives the same bytes. */
export function renderJudgementPage(judgement: Judgement): string {
  const { charts, coverage, operatingPoint, scorecard, verdict } = judgement;
  const rows = { ...(coverage && { coverage }), ...(operatingPoint && { operatingPoint }), ...(charts && { charts }) };
  const page = (told: string) =>
    renderPage({
      title: `${printable(scorecard.metadata.name)}: ${VERDICT_WORDS[verdict.verdict]}`,
      mark: VERDICT_MARKS[verdict.verdict],
      state: verdict.verdict === 'pass' ? 'good' : 'bad',
      why: printable(modelsOf(judgement)),
      body: [section('Scorecard', told), section('Rests on', definitions(judgement))].join('\n'),
      foot: `understudy scorecard run, scorecard sha256:${judgement.digest}`,
    });
  return page(scorecardSection({ ...verdict, ...rows }, MOST_BYTES - Buffer.byteLength(page(''))));
}

/** Which files were judged; the counts where only imports were. */
function modelsOf(judgement: Judgement): string {
  const [challenger, champion] = ['challenger', 'champion'].map((one) =>
    judgement.files.find(({ role }) => role === one),
  );
  if (challenger === undefined) return countsOf(judgement);
  return champion === undefined ? `${challenger.path}, a first model` : `${challenger.path} against ${champion.path}`;
}

const definitions = (judgement: Judgement): string =>
  `<dl>${factsOf(judgement)
    .map(([name, value]) => `<dt>${escape(name)}</dt><dd>${escape(printable(value))}</dd>`)
    .join('')}</dl>`;
