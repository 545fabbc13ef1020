import type { KeptVerdict } from '../../../activities/scorecard.ts';
import type { LatencyCurve, ScoreBin, ScoreBins } from '../../../scorecards/candidate/charts.ts';
import type { CandidateFinding } from '../../../scorecards/candidate/verdict.ts';
import { counted } from '../../../scorecards/counted.ts';
import { calibrationChart } from '../charts/calibration-chart.ts';
import { percent } from '../charts/histogram-chart.ts';
import { latencyChart } from '../charts/latency-chart.ts';
import type { LatencyBound } from '../charts/latency-chart.ts';
import { edge, scoreChart } from '../charts/model-scores.ts';
import { escape } from '../escape.ts';

type Kept = Pick<KeptVerdict, 'charts' | 'findings' | 'operatingPoint'>;

/** What the scores, their calibration and the latencies of both models look like; each chart with its numbers. */
export function modelCharts({ charts, findings, operatingPoint }: Kept): string {
  const scores = charts?.scores ? scoreCards(charts.scores, operatingPoint ?? undefined) : '';
  const latency = charts?.latency ? latencyCard(charts.latency, boundsOf(findings)) : '';
  return `${scores}${latency}`;
}

function scoreCards(
  bins: ScoreBins,
  cuts: { readonly challenger: number; readonly champion?: number } | undefined,
): string {
  const histograms = bins.labels === 'binary' ? byLabel(bins, cuts) : [overlaid(bins)];
  // Scores beyond 0 and 1 are no probabilities: there is nothing that they should agree with.
  const isShare = bins.low >= 0 && bins.low + bins.bins * bins.step <= 1 + 1e-9;
  const drawn = bins.labels === 'numeric' || isShare ? calibrationChart(bins) : '';
  const calibration =
    drawn === ''
      ? []
      : [
          card(
            'Calibration',
            `On the dotted diagonal scores mean what they say. ● candidate${bins.labels === 'binary' ? ' (95 % intervals)' : ''}${bins.champion ? ', □ champion' : ''}.`,
            drawn,
          ),
        ];
  return `<h3>Scores</h3><div class="cards">${[...histograms, ...calibration].join('\n')}</div>${scoreNumbers(bins)}`;
}

function byLabel(
  bins: ScoreBins,
  cuts: { readonly challenger: number; readonly champion?: number } | undefined,
): readonly string[] {
  const about = 'Filled: rows with label 0; line: label 1; each as shares of its own rows. Dotted: the frozen cut.';
  const one = (whose: string, of: readonly ScoreBin[], cut: number | undefined) =>
    card(
      `Scores of the ${whose}`,
      about,
      scoreChart(`Scores of the ${whose} by label`, bins, {
        filled: { bins: of, of: ({ positives, rows }) => rows - positives },
        line: { bins: of, of: ({ positives }) => positives },
        cuts: cut === undefined ? [] : [cut],
      }),
    );
  return [
    one('candidate', bins.challenger, cuts?.challenger),
    ...(bins.champion ? [one('champion', bins.champion, cuts?.champion)] : []),
  ];
}

function overlaid(bins: ScoreBins): string {
  const rows = ({ rows: count }: ScoreBin) => count;
  const line = { bins: bins.challenger, of: rows };
  const sides = bins.champion ? { filled: { bins: bins.champion, of: rows }, line } : { filled: line };
  const about = bins.champion ? 'Filled: champion; line: candidate.' : 'Of the candidate.';
  return card('Predictions', `${about} Shares of the rows.`, scoreChart('Predictions', bins, sides));
}

const card = (title: string, about: string, chart: string): string =>
  `<article class="card"><h4>${escape(title)}</h4><p>${escape(about)}</p>${chart}</article>`;

function scoreNumbers(bins: ScoreBins): string {
  const isBinary = bins.labels === 'binary';
  const cells = (bin: ScoreBin | undefined) => [
    bin ? counted(bin.rows) : '0',
    ...(isBinary ? [bin ? percent(bin.positives / bin.rows) : ''] : []),
    ...(bin ? [edge(bin.meanScore), edge(bin.meanLabel)] : ['', '']),
  ];
  const at = (of: readonly ScoreBin[] | undefined, place: number) => of?.find((bin) => bin.at === place);
  const rows = Array.from({ length: bins.bins }, (_, place) => [
    edge(bins.low + place * bins.step),
    ...cells(at(bins.challenger, place)),
    ...(bins.champion ? cells(at(bins.champion, place)) : []),
  ]);
  const head = (whose: string) => [`${whose}: rows`, ...(isBinary ? ['label 1'] : []), 'mean score', 'mean label'];
  return numbers(['from', ...head('candidate'), ...(bins.champion ? head('champion') : [])], rows);
}

function latencyCard(
  curves: NonNullable<NonNullable<Kept['charts']>['latency']>,
  bounds: readonly LatencyBound[],
): string {
  const { challenger, champion, load, shares } = curves;
  const drawn = latencyChart(curves, bounds);
  const asked = load ? `${load.rate}/s for ${load.for / 1000} s to each server, open loop. ` : '';
  const said = (whose: string, { failed, sent }: LatencyCurve) =>
    `${whose} ${counted(sent)} requests${failed > 0 ? `, ${counted(failed)} without an answer` : ''}`;
  const about = `${asked}Full line: ${said('candidate', challenger)}${champion ? `; dashed: ${said('champion', champion)}` : ''}. A thick bar: what a criterion allows.`;
  const write = (ms: number | null | undefined) => (typeof ms === 'number' ? `${edge(ms)} ms` : 'no answer');
  const rows = shares.map((share, place) => [
    `p${Number((share * 100).toFixed(1))}`,
    write(challenger.quantilesMs[place]),
    ...(champion ? [write(champion.quantilesMs[place])] : []),
  ]);
  const table = numbers(['share', 'candidate', ...(champion ? ['champion'] : [])], rows);
  return `<h3>Latency</h3><p class="key">${escape(about)}</p><div class="wide">${drawn}</div>${table}`;
}

/** What criteria on percentiles allow at most. */
function boundsOf(findings: readonly CandidateFinding[]): readonly LatencyBound[] {
  return findings.flatMap(({ bounds = [], metric }) => {
    const share = Number(/^p(\d+)$/.exec(metric)?.[1] ?? NaN) / 100;
    return bounds.filter(({ kind }) => kind === 'atMost' && share > 0).map(({ limit }) => ({ share, atMostMs: limit }));
  });
}

/** A chart's own numbers, for whoever reads no pictures. */
function numbers(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = rows.map(
    ([first = '', ...others]) =>
      `<tr><th scope="row">${escape(first)}</th>${others.map((text) => `<td class="n">${escape(text)}</td>`).join('')}</tr>`,
  );
  const columns = head.map((text) => `<th scope="col">${escape(text)}</th>`).join('');
  return `<details><summary>numbers</summary><div class="wide"><table class="small"><thead><tr>${columns}</tr></thead><tbody>${cells.join('\n')}</tbody></table></div></details>`;
}
