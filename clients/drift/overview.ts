import { isShareOfGaps } from '../../scorecards/drift/gaps.ts';
import { visible } from '../../scorecards/diagnostics/diagnostic.ts';
import type { DriftFinding } from '../../scorecards/drift/verdict.ts';
import { escape } from '../report/escape.ts';
import { anchorOf, WORD_MARKS } from '../report/feature-cards.ts';
import type { FeatureStory } from '../report/feature-cards.ts';
import { fitting, lazily } from '../report/fitting.ts';
import { reachedOf } from '../report/worst-first.ts';
import { mediansOf, valueOf } from './comparison-table.ts';

const MOST_BYTES = 40_000;

/** A row for each feature, worst first: its word, what decided, how far on the way to the limit. */
export function overviewTable(stories: readonly FeatureStory[]): string {
  if (stories.length === 0) return '';
  const rowOf = (story: FeatureStory, place: number): string => {
    const { column, picture, verdict, worst } = story;
    const medians = picture ? mediansOf(picture) : '';
    const limit = worst.measurement && worst.criterion.metric !== 'schema' ? limitOf(worst) : '';
    return `<tr class="${verdict}"><td class="mark">${WORD_MARKS[verdict]} ${verdict}</td><td><a href="#${anchorOf(place)}">${escape(visible(column))}</a></td><td class="n">${escape(valueOf(worst))}</td><td>${barOf(worst)}</td><td class="n">${limit}</td><td class="n">${escape(medians)}</td></tr>`;
  };
  const rows = fitting(lazily(stories, rowOf), MOST_BYTES);
  const rest = stories.length - rows.length;
  const head =
    '<th></th><th>feature</th><th class="n">distance</th><th></th><th class="n">limit</th><th class="n">median</th>';
  const more = rest > 0 ? `<p>${rest} more features are in the JSON document.</p>` : '';
  return `<div class="wide"><table><thead><tr>${head}</tr></thead><tbody>\n${rows.join('\n')}\n</tbody></table></div>${more}`;
}

function limitOf({ criterion }: DriftFinding): string {
  const { limit, metric } = criterion;
  if (isShareOfGaps(metric)) return `${(limit * 100).toFixed(1)} %`;
  // What can only warn has a limit that nothing reaches.
  return limit >= Number.MAX_SAFE_INTEGER ? '' : String(Number(limit.toPrecision(4)));
}

/** The limit stands in the middle. */
function barOf(finding: DriftFinding): string {
  const reached = reachedOf(finding);
  return reached === undefined
    ? ''
    : `<span class="bar" style="--to:${Math.round(Math.min(2, reached) * 50)}%"></span>`;
}
