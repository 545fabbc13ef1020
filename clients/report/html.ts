import type { WindowPerformance } from '../../scorecards/performance/report.ts';
import { distributions } from './distributions.ts';
import { escape } from './escape.ts';
import type { FeatureStory } from './feature-cards.ts';
import { htmlTable } from './html-table.ts';
import { renderPage, section } from './page.ts';
import { performanceSection } from './performance-section.ts';
import { isJudgedFact } from './judged-facts.ts';
import { scorecardSection } from './scorecard/section.ts';
import type { ReportedVerdict } from './scorecard/section.ts';
import { STATE_MARKS } from './story.ts';
import type { Fact, LogTail, Story, TimelineRow } from './story.ts';
import { timelineChart } from './timeline-chart.ts';

/** Where PSI is coloured; what was judged is in the sentences. */
const BOUNDS = { warn: 0.1, drift: 0.2 };
const MOST_MOMENTS = 400;
/** A page has at most 300 KB; what the scorecard does not need stays free. */
const MOST_BYTES = 296_000;

interface DriftFacts {
  readonly digest: string;
  readonly drift: readonly string[];
  /** Worst first. */
  readonly features?: readonly FeatureStory[];
  readonly performance?: WindowPerformance;
  readonly verdict?: ReportedVerdict;
}

/** One file without scripts that asks nobody for anything; the same story gives the same bytes. */
export function renderHtml(story: Story, more: DriftFacts): string {
  const { answers, facts, lineage, logs, state, timeline, title, why } = story;
  const page = (scorecard: string) => {
    const sections = [
      section('Now', definitions(answers)),
      section('Decision', definitions(more.verdict ? facts.filter(([name]) => !isJudgedFact(name)) : facts)),
      section('Scorecard', scorecard),
      section('Log', logs.map(logTail).join('')),
      ...after,
    ];
    const foot = `report sha256:${more.digest}`;
    return renderPage({ title, mark: STATE_MARKS[state], state, why, body: sections.join('\n'), foot });
  };
  const after = [
    section('Drift', `${list(more.drift)}${distributions(more.features ?? [], BOUNDS)}`),
    section('How the champion does', performanceSection(more.performance ? [more.performance] : [])),
    section('Rollout', rollout(timeline)),
    section('Lineage', definitions(lineage)),
  ];
  if (more.verdict === undefined) return page('');
  return page(scorecardSection(more.verdict, MOST_BYTES - Buffer.byteLength(page(''))));
}

function definitions(facts: readonly Fact[]): string {
  if (facts.length === 0) return '';
  return `<dl>${facts.map(([name, value]) => `<dt>${escape(name)}</dt><dd>${escape(value)}</dd>`).join('')}</dl>`;
}

function logTail({ whose, text }: LogTail): string {
  return `<p>${escape(whose)}</p><pre class="wide">${escape(text)}</pre>`;
}

function list(sentences: readonly string[]): string {
  return sentences.length === 0 ? '' : `<ul>${sentences.map((text) => `<li>${escape(text)}</li>`).join('')}</ul>`;
}

function rollout(timeline: readonly TimelineRow[]): string {
  if (timeline.length === 0) return '';
  const rows = timeline.slice(0, MOST_MOMENTS).map((row) => [row.at, `${row.percent} %`, row.what]);
  const data = `<details open><summary>every step</summary>${htmlTable(['time', 'challenger', 'what'], rows)}</details>`;
  return `${timelineChart(timeline)}${data}`;
}
