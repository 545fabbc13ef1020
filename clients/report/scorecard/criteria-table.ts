import type { HeldBound } from '../../../scorecards/candidate/bounds.ts';
import type { CandidateFinding } from '../../../scorecards/candidate/verdict.ts';
import { metricText } from '../../../scorecards/parts.ts';
import { intervalBar } from '../charts/interval-bar.ts';
import { escape } from '../escape.ts';
import { fitting, lazily } from '../fitting.ts';
import { estimateText, unitOf, unitOfBound } from '../quantity.ts';
import { worstFirst } from './worst-of.ts';
import { JUDGED, name, placeOf, sentence } from './words.ts';

/** One criterion: on all rows, or on its slices with the worst of them in front. */
interface Line {
  readonly worst: CandidateFinding;
  readonly all: readonly CandidateFinding[];
}

const KEY = `<p class="key">In the bars: ● the candidate (✕ where it breaks the bound, ○ where that is not certain) with its interval, ◇ the champion, | the bound; what is hatched is not allowed. Δ: candidate minus champion.</p>`;
const HEAD = ['verdict', 'criterion', 'champion', 'candidate', 'difference', 'interval against its bound'];
const NUMBERS: ReadonlySet<string> = new Set(['champion', 'candidate', 'difference']);

/** Every criterion with its numbers, a bar for each of its bounds and its sentence, worst first, as far as there is room. */
export function criteriaTable(findings: readonly CandidateFinding[], bytes: number): string {
  if (findings.length === 0) return '';
  const lines = linesOf(findings);
  const rows = fitting(lazily(lines, row), bytes * 0.75);
  const later = lines.slice(rows.length);
  const told = fitting(lazily(later, brief), bytes * 0.25);
  const rest = later.length - told.length;
  const head = HEAD.map((text) => `<th scope="col"${NUMBERS.has(text) ? ' class="n"' : ''}>${text}</th>`).join('');
  return `${KEY}<div class="wide"><table class="criteria"><thead><tr>${head}</tr></thead>${rows.join('\n')}</table></div>${told.length > 0 ? `<ul>${told.join('\n')}</ul>` : ''}${rest > 0 ? `<p>${rest} more are in the JSON report.</p>` : ''}`;
}

function linesOf(findings: readonly CandidateFinding[]): readonly Line[] {
  const groups = new Map<string, CandidateFinding[]>();
  for (const finding of findings) {
    const key = JSON.stringify([finding.criterion, finding.slice === null]);
    groups.set(key, [...(groups.get(key) ?? []), finding]);
  }
  const lines = new Map(
    [...groups.values()].flatMap((all): [CandidateFinding, Line][] => {
      const [worst] = worstFirst(all);
      return worst ? [[worst, { worst, all }]] : [];
    }),
  );
  return worstFirst([...lines.keys()]).flatMap((worst) => lines.get(worst) ?? []);
}

function row({ all, worst }: Line): string {
  const { challenger, champion, criterion, difference, group, judged, metric, slice } = worst;
  const { mark, word } = JUDGED[judged];
  const unit = unitOf(metric);
  const where = slice === null ? '' : `<br>${slicesText(all, worst)}`;
  const cells = [
    estimateText(champion, unit),
    estimateText(challenger, unit),
    estimateText(difference, unit, { isChange: true }),
  ].map((text) => `<td class="n">${rangeBelow(text)}</td>`);
  return `<tbody class="${judged}"><tr><td class="j" rowspan="2"><span class="mark">${mark}</span> ${word}</td><th scope="row">${name(criterion)}<small>${escape(group)} · ${escape(metricText(worst))}${where}</small></th>${cells.join('')}<td class="bars">${barsOf(worst)}</td></tr><tr><td class="why" colspan="5">${sentence(worst.sentence)}</td></tr></tbody>`;
}

/** The interval on a line of its own: a column of numbers is then read downwards. */
const rangeBelow = (text: string): string =>
  escape(text).replace(/ \[.*\]$/, (range) => `<small>${range.trim()}</small>`);

function slicesText(all: readonly CandidateFinding[], { slice }: CandidateFinding): string {
  if (slice === null) return '';
  const holding = all.filter(({ judged }) => judged === 'pass').length;
  const count =
    holding === all.length ? `all ${holding} slices hold, nearest` : `${holding} of ${all.length} slices hold, worst`;
  return `${count}: ${escape(placeOf(slice))}`;
}

const brief = ({ worst }: Line): string => `<li>${JUDGED[worst.judged].mark} ${sentence(worst.sentence)}</li>`;

/** A bar for the value and one for the difference; a verdict of before bounds were kept has none. */
function barsOf({ bounds = [], champion, metric }: CandidateFinding): string {
  const level = bounds.filter(({ kind }) => kind === 'atLeast' || kind === 'atMost');
  const change = bounds.filter((bound) => !level.includes(bound));
  const bars = [level, change].map((held, place) => {
    const [first, ...others] = held;
    if (first === undefined) return '';
    const [isChange, unit]: [boolean, ReturnType<typeof unitOf>] = [place === 1, unitOfBound(metric, first)];
    const other = isChange ? 0 : champion?.value;
    const both: readonly [HeldBound, ...HeldBound[]] = [first, ...others];
    return intervalBar({ bounds: both, isChange, unit, ...(other === undefined ? {} : { champion: other }) });
  });
  return bars.join('');
}
