import { escape } from './escape.ts';
import type { TimelineRow } from './story.ts';

const WIDTH = 640;
const HEIGHT = 140;
const LEFT = 40;
const TOP = 12;
const BOTTOM = 118;

/** The challenger's share of traffic over time, as steps; nothing while it has had none. Coordinates have one decimal, so equal data give equal bytes. */
export function timelineChart(rows: readonly TimelineRow[]): string {
  const [first] = rows;
  const last = rows.at(-1);
  if (!first || !last || rows.every(({ percent }) => percent === 0)) return '';
  const [from, until] = [Date.parse(first.at), Math.max(Date.parse(last.at), Date.parse(first.at) + 1)];
  const x = (at: string) => (LEFT + ((Date.parse(at) - from) / (until - from)) * (WIDTH - LEFT - 10)).toFixed(1);
  const y = (percent: number) => (BOTTOM - (percent / 100) * (BOTTOM - TOP)).toFixed(1);
  const steps = rows.map((row) => `H${x(row.at)}V${y(row.percent)}`).join('');
  const marks = [0, 50, 100].map((percent) => `<text x="4" y="${y(percent)}">${percent} %</text>`).join('');
  return `<svg role="img" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}"><title>Share of traffic of the challenger</title>
<path class="axis" d="M${LEFT} ${y(100)}V${y(0)}H${WIDTH - 10}"/><path class="step" d="M${LEFT} ${y(0)}${steps}"/>${marks}
<text x="${LEFT}" y="${HEIGHT - 6}">${escape(first.at)}</text><text x="${WIDTH - 10}" y="${HEIGHT - 6}" text-anchor="end">${escape(last.at)}</text></svg>`;
}
