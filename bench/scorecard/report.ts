import type { PeerCost, ScorecardBench } from './bench.ts';
import type { Answer, Cost } from './measure.ts';

/** Redraws that a bootstrap of the peers' values would take; one is measured. */
const REDRAWS = 200;

/** One run as Markdown. */
export function describe(bench: ScorecardBench): string {
  const { ours, peer, raw, rows, shuffled } = bench;
  return `# The scorecard's measuring

${bench.machine.join(' · ')}; ${bench.load}.

${count(rows)} predictions of two models, 6 slice columns with 100 segments, every quality and fairness criterion with intervals (${ours.measurements ?? 0} measurements);
medians of ${bench.times}, each line a process of its own. Ours reads, verifies and joins the files; the peers begin with everything in memory.

| goal | measured | met |
|---|---|---|
${goalRows(bench)
  .map(([goal, measured, met]) => `| ${goal} | ${measured} | ${met ? 'yes' : '**no**'} |`)
  .join('\n')}

| what | rows | CPU s | wall s | peak MB | CPU against the raw scan |
|---|---|---|---|---|---|
${costRow('raw scan of the columns', rows, raw, raw)}
${costRow('ours', rows, ours, raw)}
${costRow('ours, predictions in another order', rows, shuffled, raw)}
${peer === undefined ? '' : peerRows(bench, peer)}`;
}

type Goal = readonly [goal: string, measured: string, met: boolean];

function goalRows({ ours, peer, raw, rows }: ScorecardBench): readonly Goal[] {
  const [peak, scans] = [ours.peak, ours.cpu / raw.cpu];
  const own: Goal[] = [
    ['peak memory ≤ 600 MB', `${peak.toFixed(0)} MB`, peak <= 600],
    ['CPU ≤ 3 × the raw scan', `${scans.toFixed(1)} ×`, scans <= 3],
  ];
  if (peer === undefined) return own;
  const each = ours.cpu / rows;
  const [values, intervals] = [peer.cpu / peer.rows / each, withIntervals(peer) / peer.rows / each];
  return [
    ['≥ 20 × scikit-learn and fairlearn, their intervals redrawn', `${intervals.toFixed(0)} ×`, intervals >= 20],
    ['the same, their values alone against ours with intervals', `${values.toFixed(1)} ×`, values >= 20],
    ...own,
  ];
}

const withIntervals = ({ cpu, redraw }: PeerCost): number => cpu + REDRAWS * redraw.cpu;

function peerRows({ ours, raw, rows }: ScorecardBench, peer: PeerCost): string {
  const whole = { ...peer, cpu: withIntervals(peer), wall: peer.wall + REDRAWS * peer.redraw.wall };
  const extrapolated = peer.rows < rows ? ' Their ratios are scaled in proportion to the rows.' : '';
  const agreement = ours.answer && peer.rows === rows ? `\n\n${agreementOf(ours.answer, peer.answer)}` : '';
  return `${costRow('peers, values only', peer.rows, peer, raw)}
${costRow(`peers with intervals: one redraw measured, times ${REDRAWS}`, peer.rows, whole, raw)}

Peers: ${peer.version}.${extrapolated}${agreement}
`;
}

function agreementOf(ours: Answer, theirs: Answer): string {
  const names = ['auc', 'averagePrecision', 'equalizedOdds'] as const;
  return `Farthest from the peers' numbers: ${names.map((name) => `${name} ${Math.abs(ours[name] - theirs[name]).toExponential(1)}`).join(', ')}.`;
}

function costRow(name: string, rows: number, cost: Pick<Cost, 'cpu' | 'wall' | 'peak'>, raw: Cost): string {
  const cells = [count(rows), cost.cpu.toFixed(2), cost.wall.toFixed(2), cost.peak.toFixed(0)];
  return `| ${name} | ${cells.join(' | ')} | ${(cost.cpu / raw.cpu).toFixed(1)} × |`;
}

const count = (value: number): string => Math.round(value).toLocaleString('en-US');
