import type { PeerBench, ScorecardBench } from './bench.ts';
import type { Answer, Cost } from './measure.ts';

/** One run as the section of `docs/benchmarks.md`. */
export function describe(bench: ScorecardBench): string {
  const { ours, peer, raw, rows, shuffled, weakest } = bench;
  return `On ${bench.machine.join(' · ')}; ${bench.load}. ${count(rows)} predictions of two models, 6 slice columns with
100 segments, every quality and fairness criterion with its interval for all rows and each segment: ${ours.measurements ?? 0} measurements.

| goal | measured | met |
|---|---|---|
${goalRows(bench)
  .map(([goal, measured, met]) => `| ${goal} | ${measured} | ${met ? 'yes' : '**no**'} |`)
  .join('\n')}

| what | rows | CPU s | wall s | peak MB | CPU against the raw scan |
|---|---|---|---|---|---|
${costRow('raw scan of the columns', rows, raw)} 1.0 × |
${costRow('ours', rows, ours)} ${ratio(ours, raw)} × |
${costRow('ours, predictions in another order', rows, shuffled)} ${ratio(shuffled, raw)} × |
${costRow('search for slices that no criterion names', rows, weakest)} ${ratio(weakest, raw)} × |
${peer === undefined ? '' : besidePeers(peer)}`;
}

type Goal = readonly [goal: string, measured: string, met: boolean];

function goalRows({ ours, peer, raw }: ScorecardBench): readonly Goal[] {
  const [peak, scans] = [ours.peak, ours.cpu / raw.cpu];
  const own: Goal[] = [
    ['peak memory ≤ 600 MB', `${peak.toFixed(0)} MB`, peak <= 600],
    ['CPU ≤ 3 × the raw scan', `${scans.toFixed(1)} ×`, scans <= 3],
  ];
  if (peer === undefined) return own;
  const times = peer.values.cpu / peer.ours.cpu;
  const goal = `≥ 20 × scikit-learn and fairlearn on ${count(peer.values.rows)} rows: ours with intervals, theirs without`;
  return [[goal, `${times.toFixed(0)} ×`, times >= 20], ...own];
}

function besidePeers({ ours, redraws, values }: PeerBench): string {
  return `
| of the same ${count(values.rows)} rows | rows | CPU s | wall s | peak MB | CPU against ours |
|---|---|---|---|---|---|
${costRow('ours, with intervals', values.rows, ours)} 1.0 × |
${costRow('peers, values without any interval', values.rows, values)} ${ratio(values, ours)} × |
${redraws.map((redraw) => `${costRow('peers, one of the redraws that an interval takes hundreds of', redraw.rows, redraw)} |`).join('\n')}

The comparison favours the peers (${values.version}): they compute no interval, and they begin with everything joined in memory, where ours
reads, verifies and joins the files. What their redraws cost on fewer rows is told as it was measured and not scaled to more rows: a part of it is the
same for any number of rows.${ours.answer ? ` ${agreementOf(ours.answer, values.answer)}` : ''}
`;
}

function agreementOf(ours: Answer, theirs: Answer): string {
  const names = ['auc', 'averagePrecision', 'equalizedOdds'] as const;
  return `Both sides agree: ${names.map((name) => `${name} to ${Math.abs(ours[name] - theirs[name]).toExponential(1)}`).join(', ')}.`;
}

function costRow(name: string, rows: number, cost: Pick<Cost, 'cpu' | 'wall' | 'peak'>): string {
  return `| ${[name, count(rows), cost.cpu.toFixed(2), cost.wall.toFixed(2), cost.peak.toFixed(0)].join(' | ')} |`;
}

const ratio = (one: Cost, other: Cost): string => (one.cpu / other.cpu).toFixed(1);
const count = (value: number): string => Math.round(value).toLocaleString('en-US');
