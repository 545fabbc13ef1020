import type { ScorecardCriterion } from '../../../scorecards/scorecard-schema.ts';
import type { Work } from '../../ports/data-store.ts';
import { addLosses, countFlags, flagCounts, flagRows, lossSums, momentRows } from './count-flags.ts';
import type { FlagRow, MomentsRow } from './count-flags.ts';
import { countCodes, groupRanks, rankCodes, sharePairs, type CodedChunk, type GroupRanks } from './count-ranks.ts';
import { countTop, topCounts, topRows, type TopCounts } from './count-top.ts';
import { lossOf } from './losses.ts';
import type { ScoredRows } from './measure-rows.ts';
import { groupsOf, type RowGroup, type RowGroups } from './row-groups.ts';
import { CHUNK_ROWS, eachChunk, type RowChunk } from './row-stream.ts';
import { codesOf, type ScoreCodes } from './score-codes.ts';

/** What all criteria are computed from. */
export interface CountedRows extends ScoredRows {
  /** By label and the flags of each model's own cut, of each value of `by`. */
  readonly flags: (by: string | undefined) => readonly FlagRow[];
  /** By label and whether each model has the row among its k highest. */
  readonly top: (criterion: ScorecardCriterion) => readonly FlagRow[];
  readonly moments: (criterion: ScorecardCriterion) => readonly MomentsRow[];
  readonly ranks: (by: string | undefined) => GroupRanks | undefined;
}

/** Metrics that rest on the order of the scores. */
const RANKED: ReadonlySet<string> = new Set(['auc', 'averagePrecision', 'ece', 'precisionAtK']);
/** Scores out of which codes are made: all of them up to so many, else evenly spread ones. */
const SAMPLED = 262_144;
const SHARE_OF_TOP = 0.1;

/**
 * Counts everything that criteria need, however many there are, in at most two scans of the joined rows: where some rest on the
 * order of the scores, the first finds each model's ranks, and the second what the models share. Memory is that of the counts.
 */
export async function countRows(
  rows: ScoredRows,
  criteria: readonly ScorecardCriterion[],
  work: Work,
): Promise<CountedRows> {
  const groups = groupsOf(rows, criteria);
  const rankedBy = (by: string | undefined) =>
    new Set(criteria.flatMap((one) => (one.by === by && RANKED.has(one.metric) ? [one.metric] : [])));
  const ranked = groups.groups.filter(({ by }) => rankedBy(by).size > 0);
  const models = ranked.length === 0 ? [] : await codesOfModels(rows);
  const ranks = ranked.map((group) => {
    const metrics = rankedBy(group.by);
    const asked = { shared: metrics.has('auc') || metrics.has('averagePrecision'), binned: metrics.has('ece') };
    return groupRanks(
      group,
      models.map(({ codes }) => codes),
      asked,
    );
  });
  const scan = { rows, groups, codes: models, work };
  if (ranks.length > 0) {
    await codedScan({ ...scan, losses: [] }, (chunks) => {
      for (const one of ranks) countCodes(one, chunks[one.group.block] ?? NONE);
    });
    for (const one of ranks) rankCodes(one);
  }
  return await countPairs(scan, ranks, criteria);
}

interface Scan {
  readonly rows: ScoredRows;
  readonly groups: RowGroups;
  readonly codes: readonly ScoreCodes[];
  readonly work: Work;
}

const NONE: CodedChunk = { rows: 0, y: new Float64Array(0), cells: new Int32Array(0), scores: [], codes: [] };

async function countPairs(
  scan: Scan,
  ranks: readonly GroupRanks[],
  criteria: readonly ScorecardCriterion[],
): Promise<CountedRows> {
  const { groups, rows } = scan;
  const tops = topsOf(ranks, criteria);
  const losses = [...new Set(criteria.flatMap((criterion) => lossOf(criterion)?.('a') ?? []))];
  const pairs = criteria
    .flatMap((criterion) => lossOf(criterion) ?? [])
    .filter((loss, at, all) => all.findIndex((other) => other('a') === loss('a')) === at);
  const groupOf = (by: string | undefined): RowGroup | undefined => groups.groups.find((group) => group.by === by);
  /** Whether something that passes is asked of a group in this block: what nobody asks for is not summed. */
  const isAsked = (block: number, passes: (criterion: ScorecardCriterion) => boolean): boolean =>
    criteria.some((criterion) => groupOf(criterion.by)?.block === block && passes(criterion));
  const flags = groups.blocks.map(({ cells }, block) =>
    isAsked(block, (one) => !RANKED.has(one.metric) && lossOf(one) === undefined) ? flagCounts(cells) : undefined,
  );
  const sums = losses.map((loss) =>
    groups.blocks.map(({ cells }, block) =>
      isAsked(block, (one) => lossOf(one)?.('a') === loss) ? lossSums(cells) : undefined,
    ),
  );
  const columns = pairs.flatMap((loss) => [loss('a'), rows.hasChampion ? loss('b') : '0']);
  await codedScan({ ...scan, losses: columns }, (chunks, ofRows) => {
    for (const [block, chunk] of chunks.entries()) {
      const counts = flags[block];
      if (counts) countFlags(counts, chunk, rows.cuts);
      for (const [at, ofBlocks] of sums.entries()) {
        const into = ofBlocks[block];
        if (into) addLosses(into, ofRows.slice(2 * at, 2 * at + 2), chunk.cells, chunk.rows);
      }
    }
    for (const one of ranks) sharePairs(one, chunks[one.group.block] ?? NONE);
    for (const { top } of tops) countTop(top, chunks[top.ranks.group.block] ?? NONE);
  });
  const topped = new Map(tops.map(({ key, top }) => [key, topRows(top)]));
  return {
    ...rows,
    flags: (by) => {
      const group = groupOf(by);
      return group === undefined ? [] : flagRows(flags[group.block] ?? new Float64Array(0), group);
    },
    top: (criterion) => topped.get(topKey(criterion)) ?? [],
    moments: (criterion) => {
      const group = groupOf(criterion.by);
      const of = sums[losses.indexOf(lossOf(criterion)?.('a') ?? '')]?.[group?.block ?? 0];
      return group === undefined || of === undefined ? [] : momentRows(of, group);
    },
    ranks: (by) => ranks.find(({ group }) => group.by === by),
  };
}

const topKey = ({ by, k }: ScorecardCriterion): string => JSON.stringify([by ?? null, k ?? SHARE_OF_TOP]);

function topsOf(
  ranks: readonly GroupRanks[],
  criteria: readonly ScorecardCriterion[],
): readonly { readonly key: string; readonly top: TopCounts }[] {
  const asked = criteria.filter(({ metric }) => metric === 'precisionAtK');
  return [...new Map(asked.map((criterion) => [topKey(criterion), criterion]))].flatMap(([key, { by, k }]) => {
    const own = ranks.find(({ group }) => group.by === by);
    return own === undefined ? [] : [{ key, top: topCounts(own, k ?? SHARE_OF_TOP) }];
  });
}

/** Codes of the scores of each model, out of evenly spread rows. */
async function codesOfModels({ session, hasChampion }: ScoredRows): Promise<readonly ScoreCodes[]> {
  const { rows } = await session.row<{ rows: number }>('SELECT count(*)::DOUBLE AS rows FROM held');
  const each = Math.max(1, Math.ceil(rows / SAMPLED));
  const codes: ScoreCodes[] = [];
  for (const score of hasChampion ? ['a', 'b'] : ['a']) {
    const [scores = []] = await session.columns(
      `SELECT ${score} FROM held WHERE rowid % ${each} = 0 AND ${score} IS NOT NULL ORDER BY 1`,
    );
    codes.push(codesOf(Float64Array.from(scores, Number)));
  }
  return codes;
}

/** One scan of the joined rows with the codes of their scores, a chunk for each block of slices; `visit` gets the losses beside. */
async function codedScan(
  { codes, groups, losses, rows, work }: Scan & { readonly losses: readonly string[] },
  visit: (chunks: readonly CodedChunk[], losses: readonly Float64Array[]) => void,
): Promise<void> {
  const scores = rows.hasChampion ? ['a', 'b'] : ['a'];
  const into = codes.map(() => new Int32Array(CHUNK_ROWS));
  const columns = { doubles: ['y', ...scores, ...losses], wholes: groups.blocks.map(({ sql }) => sql) };
  await eachChunk(rows.session, { table: 'scored', columns, signal: work.signal }, (chunk: RowChunk) => {
    const [y = NONE.y, ...others] = chunk.doubles;
    const ofModels = others.slice(0, scores.length);
    for (const [model, code] of codes.entries())
      code.encode(ofModels[model] ?? NONE.y, chunk.rows, into[model] ?? NONE.cells);
    const coded = chunk.wholes.map((cells) => ({ rows: chunk.rows, y, cells, scores: ofModels, codes: into }));
    visit(coded, others.slice(scores.length));
  });
}
