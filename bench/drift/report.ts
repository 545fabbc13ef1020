import os from 'node:os';
import type { DriftBench, Row } from './bench.ts';
import type { Peer, PeerCost } from './peers.ts';

/** One run as Markdown: what `docs/performance.md` holds. */
export function describe(bench: DriftBench): string {
  const { machine, raw, rows } = bench;
  const head = `# Performance

\`npm run bench:drift\` wrote this page. Read the ratios: times move with the machine and with what else it does, ratios hardly. CPU is that of all
threads of the measured process; each line is a process of its own, the median of ${bench.times} after a warm-up.

${machine.join(' · ')}

Data: ${count(rows)} rows × 30 features (16 doubles, 6 whole numbers, 8 texts) in seven daily Parquet files (zstd, row groups of 122,880), made by
the bench from a seed; ${bench.load}.
`;
  const goals = `
## Goals

| goal | measured | met |
|---|---|---|
${goalRows(bench)
  .map(([goal, measured, met]) => `| ${goal} | ${measured} | ${met ? 'yes' : '**no**'} |`)
  .join('\n')}

The first two goals are about the difference between one statement that reads 30 columns and one statement for each column. A statement by itself costs
a few milliseconds before it reads anything, 210 of them for a week of days, and more where other work takes the cores away in between: on small
days that is most of the cost, see the table by rows. What is kept is a sketch for each day, so that the goal that matters every day is the refresh.
The peak is that of freezing grids, once in the life of a feature, which holds a sample of several columns. Counting a day takes half of it.
`;
  return `${head}${goals}
## Counting

| what | CPU s | wall s | CPU against the raw scan | peak MB |
|---|---|---|---|---|
${bench.costs.map((row) => costRow(row, raw)).join('\n')}

The raw scan is one DuckDB statement over the same columns: sum, least and greatest of the 22 numbers, count of the 8 texts. A window counted day by day is
seven times 30 statements with seven times 30 sketches as a result. Digests are read once for each version of a file.

## By rows

| rows | CPU s of the daily sketches | CPU µs per row | rows per CPU second |
|---|---|---|---|
${bench.byRows.map((one) => `| ${count(one.rows)} | ${one.cpu.toFixed(2)} | ${((one.cpu / one.rows) * 1e6).toFixed(3)} | ${count(one.rows / one.cpu)} |`).join('\n')}

## By workers

Worker processes with one thread each, the days dealt out among them, on ${os.availableParallelism()} cores.

| workers | wall s | rows per second |
|---|---|---|
${bench.byWorkers.map(({ wall, workers }) => `| ${workers} | ${wall.toFixed(2)} | ${count(rows / wall)} |`).join('\n')}

## Beside others

The 22 numeric columns, each tool at as many rows as it was given, its data already in memory (ours reads Parquet). Evidently and NannyML compare as many
rows of reference with them; ours and whylogs make the profile of the current rows, and keep that of the reference. Per column and million current
rows, by CPU; scaled in proportion to the rows.

| tool | rows | CPU s | wall s | peak MB | CPU s per numeric column and million rows | against ours |
|---|---|---|---|---|---|---|
${peerRows(bench).join('\n')}
`;
}

function goalRows(bench: DriftBench): readonly (readonly [string, string, boolean])[] {
  const { categories, costs, evidently, merge, raw } = bench;
  const of = (name: Row['name']): number => costs.find((row) => row.name === name)?.cost.cpu ?? Number.NaN;
  const peaks = costs.filter(({ ours }) => ours).map(({ cost }) => cost.peak);
  const ratios = { window: of('window') / raw.cpu, days: of('days') / raw.cpu, refresh: of('refresh') / raw.cpu };
  return [
    ['CPU of counting one window ≤ 1.35 × the raw scan', `${ratios.window.toFixed(2)} ×`, ratios.window <= 1.35],
    ['the same, day by day (what is kept) ≤ 1.35 ×', `${ratios.days.toFixed(2)} ×`, ratios.days <= 1.35],
    ['refresh by one new day ≤ 0.25 × the raw scan of seven', `${ratios.refresh.toFixed(2)} ×`, ratios.refresh <= 0.25],
    [
      'merge of 35 daily sketches ≤ 50 ms',
      `${merge.addedInMs.toFixed(0)} ms added in memory, ${(merge.wall * 1000).toFixed(0)} ms with reading and verifying the files`,
      merge.addedInMs <= 50,
    ],
    ['peak memory ≤ 400 MB', `${Math.max(...peaks).toFixed(0)} MB`, Math.max(...peaks) <= 400],
    [
      `${count(bench.rows)} different categories in one column: memory bounded`,
      `${categories.peak.toFixed(0)} MB, ${categories.cpu.toFixed(1)} CPU s`,
      categories.peak <= 1400,
    ],
    [
      '≥ 100 × Evidently per numeric column',
      evidently === undefined ? 'not measured' : `${evidently.toFixed(0)} ×`,
      (evidently ?? 0) >= 100,
    ],
  ];
}

function costRow({ cost, label, rawOfDay }: Row, raw: Row['cost']): string {
  const ratio = rawOfDay ? '' : `${(cost.cpu / raw.cpu).toFixed(2)} ×`;
  return `| ${label} | ${cost.cpu.toFixed(2)} | ${cost.wall.toFixed(2)} | ${ratio} | ${cost.peak.toFixed(0)} |`;
}

function peerRows({ numbers, numericColumns, peers, rows }: DriftBench): readonly string[] {
  const unit = (cpu: number, of: number): number => (cpu / of / numericColumns) * 1e6;
  const ours = unit(numbers.cpu, rows);
  const line = (name: string, cost: { cpu: number; wall: number; peak: number; rows: number }): string => {
    const each = unit(cost.cpu, cost.rows);
    const cells = [
      cost.cpu.toFixed(2),
      cost.wall.toFixed(2),
      cost.peak.toFixed(0),
      each.toFixed(4),
      `${(each / ours).toFixed(0)} ×`,
    ];
    return `| ${name} | ${count(cost.rows)} | ${cells.join(' | ')} |`;
  };
  return [
    line('Understudy', { ...numbers, rows }),
    ...peers.map(([peer, cost]: readonly [Peer, PeerCost]) =>
      'failed' in cost
        ? `| ${peer} | did not finish: ${cost.failed} | | | | | |`
        : line(`${peer} ${cost.version}`, cost),
    ),
  ];
}

const count = (value: number): string => Math.round(value).toLocaleString('en-US');
