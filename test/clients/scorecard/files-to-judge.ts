import { mkdtemp, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { inDuckdb } from '../../lifecycle/data.ts';

/** So many rows; the label is true with the chance 1 / (1 + e^(−3x)), and `price` is linear in x. */
const ROWS = `select 'r' || i as id, i, hash(i) % 20000 / 10000.0 - 1 as x, hash(i + 1000000) % 10000 / 10000.0 as u,
    hash(i + 2000000) % 20000 / 10000.0 - 1 as e, case when i % 5 = 0 then 'long' when i % 125 = 1 then 'rare' else 'short' end as band
  from range(5000) t(i)`;
const chance = (x: string) => `1 / (1 + exp(-3 * (${x})))`;
const LABEL = `(u < ${chance('x')})::int`;

const CLASS = `case when i % 10 = 0 then 'urgent' else 'c' || i % 5 end`;
/** The right class with some chance, else another one. */
const named = (right: string) => `case when u < ${right} then ${CLASS} else 'c' || (i + 1) % 5 end`;

/** What each file holds, as SQL over the rows above. */
const TABLES: Readonly<Record<string, string>> = {
  'labels.parquet': `select id, ${LABEL} as label from rows`,
  'labels.csv': `select id, ${LABEL} as label from rows`,
  'labels-60.parquet': `select id, ${LABEL} as label from rows where i % 10 < 6`,
  'labels-more.parquet': `select id, ${LABEL} as label from rows union all select 'new', 1`,
  'prices.parquet': `select id, 100 + 20 * x + e as label from rows`,
  'holdout.parquet': `select id, band from rows`,
  // Four weeks, the rows in their order.
  'weeks.parquet': `select id, band, timestamp '2024-03-01' + to_minutes(i * 40320 // 5000) as time from rows`,
  'seen.parquet': `select id, timestamp '2024-03-01' + to_minutes(i * 40320 // 5000) as seen from rows`,
  'good.parquet': `select id, ${chance('x')} as score from rows`,
  'good.csv': `select id, ${chance('x')} as score from rows`,
  'near.parquet': `select id, ${chance('x + 0.12 * e')} as score from rows`,
  'poor.parquet': `select id, ${chance('x + 2 * e')} as score from rows`,
  // Sure of everybody but the minority, of whom it flags nobody.
  'blind.parquet': `select id, case when band = 'long' then 0.01 * ${chance('x')} else ${chance('x')} end as score from rows`,
  // Knows the first three weeks, and hardly anything of the last.
  'tired.parquet': `select id, ${chance('case when i < 3750 then x else x + 6 * e end')} as score from rows`,
  'gap.parquet': `select id, ${chance('x')} as score from rows where i <> 7`,
  'flat.parquet': `select id, 0.5 as score from rows`,
  'nan.parquet': `select id, case when i = 7 then 'nan'::double else ${chance('x')} end as score from rows`,
  'outside.parquet': `select id, case when i = 7 then 1.2 else ${chance('x')} end as score from rows`,
  'twice.parquet': `select case when i = 7 then 'r8' else id end as id, ${chance('x')} as score from rows`,
  // Other rows, of the training side: the threshold of best F1 lies where 1 is as likely as not, or a little below.
  'tuning.parquet': `select 'old ' || id as id, ${chance('x')} as score, ${LABEL} as label from rows where i < 2000`,
  'tuning.csv': `select 'old ' || id as id, ${chance('x')} as score, ${LABEL} as label from rows where i < 2000`,
  'unlucky.parquet': `select id, ${chance('x')} as score, 0 as label from rows`,
  'points.parquet': `select id, ${chance('x')} as points from rows`,
  'guessed.parquet': `select id, 100 + 20 * x as score from rows`,
  'guessed-badly.parquet': `select id, 100 + 20 * x + 9 * e as score from rows`,
  // Of 'urgent' a tenth of the rows, of c0 another, of c1 to c4 a fifth each.
  'classes.parquet': `select id, ${CLASS} as label from rows`,
  'right.parquet': `select id, ${named('0.95')} as class from rows`,
  'right.csv': `select id, ${named('0.95')} as class from rows`,
  'half-right.parquet': `select id, ${named('0.75')} as class from rows`,
  // Better at every class but one.
  'careless.parquet': `select id, ${named('case when i % 10 = 0 then 0.4 else 0.95 end')} as class from rows`,
  'unnamed.parquet': `select id, nullif(${named('0.95')}, 'c3') as class from rows`,
  'numbered.csv': `select i as id, ${LABEL} as label from rows`,
  'named.parquet': `select i::varchar as id, ${chance('x')} as score from rows`,
};

const steady = (ms: number) => ({
  latenciesMs: Array.from({ length: 750 }, (_, index) => ms + (index % 10)),
  failed: 0,
});

/** A new folder with all of them, with load runs, and with scorecards. The caller removes it. */
export async function writeFilesToJudge(): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'understudy-judge-'));
  await inDuckdb(async (run) => {
    await run(`create table rows as ${ROWS}`);
    for (const [file, select] of Object.entries(TABLES))
      await run(
        `copy (${select} order by 1) to '${path.join(folder, file)}' (format ${file.endsWith('csv') ? 'csv' : 'parquet'})`,
      );
  });
  const write = (name: string, text: string) => writeFile(path.join(folder, name), text);
  await write('fast.json', JSON.stringify({ challenger: steady(12), champion: steady(12) }));
  await write('slow.json', JSON.stringify({ challenger: steady(52), champion: steady(12) }));
  await Promise.all(Object.entries(SCORECARDS).map(([name, spec]) => write(`${name}.yaml`, scorecardText(name, spec))));
  return folder;
}

export const scorecardText = (name: string, spec: string): string =>
  `apiVersion: understudy/v1\nkind: Scorecard\nmetadata: { name: ${name} }\nspec: ${spec}\n`;

/** Those that must be there anyway, so that one criterion decides. */
const OTHERS = `{ name: tail latency, group: latency, metric: p99, atMost: 1s },
    { name: artifact, group: size, metric: bytes, atMost: 50MB },
    { name: mistakes, group: business, metric: cost, falseNegative: 1, falsePositive: 1, atMost: 5 }`;
const signed = (criteria: string) => `{ signedOffBy: [ana@example], criteria: [${criteria}, ${OTHERS}] }`;

const SCORECARDS: Readonly<Record<string, string>> = {
  classification: '{ extends: classification, signedOffBy: [ana@example] }',
  ranking: '{ extends: ranking, signedOffBy: [ana@example] }',
  regression: '{ extends: regression, signedOffBy: [ana@example] }',
  bands: signed(`{ name: precision, group: quality, metric: precision, versusChampion: { noWorseBy: 0.01 } },
    { name: recall per band, group: quality, metric: recall, by: band, versusChampion: { noWorseBy: 0.05 }, minimum: 100 }`),
  weeks: signed(`{ name: ranking, group: quality, metric: auc, versusChampion: { betterBy: 0 } },
    { name: ranking over time, group: robustness, metric: auc, blocks: 7d, versusChampion: { noWorseBy: 0.05 } },
    { name: worst week, group: robustness, metric: worst, of: auc, blocks: 4, versusChampion: { noWorseBy: 0.05 } },
    { name: weeks apart, group: robustness, metric: spread, of: auc, blocks: 7d, atMost: 0.15 }`),
  better: signed(`{ name: any gain, group: quality, metric: auc, versusChampion: { betterBy: 0 } },
    { name: any gain by point, group: quality, metric: f1, versusChampion: { betterBy: 0 }, judge: point },
    { name: cheaper, group: business, metric: cost, falseNegative: 5, falsePositive: 1, versusChampion: { betterBy: 0% }, judge: point }`),
  ranks: signed('{ name: ranking, group: quality, metric: auc, atLeast: 0.7 }'),
  best: `{ signedOffBy: [ana@example], operatingPoint: { bestF1: training }, criteria: [
    { name: f1, group: quality, metric: f1, versusChampion: { noWorseBy: 0.05 } }, ${OTHERS}] }`,
  imported:
    signed(`{ name: recall per band, group: quality, metric: recall, by: distance_band, atLeast: 0.6, judge: point },
    { name: ranking, group: quality, metric: auc, atLeast: 0.7 }`),
  multiclass: '{ extends: multiclass, signedOffBy: [ana@example] }',
  tickets: `{ extends: multiclass, signedOffBy: [ana@example], criteria: [
    { name: classes alike, versusChampion: { betterBy: 0 } },
    { name: recall of urgent, group: quality, metric: recall, class: urgent, versusChampion: { noWorseBy: 0.05 } },
    { name: calls, group: business, metric: cost, class: urgent, falseNegative: 5, falsePositive: 1, atMost: 1 }] }`,
  unheard: `{ extends: multiclass, signedOffBy: [ana@example], criteria: [
    { name: no false alarm, group: business, metric: cost, class: Urgent, falseNegative: 5, falsePositive: 1, atMost: 1 }] }`,
  empty: '{ signedOffBy: [ana@example], criteria: [] }',
};
