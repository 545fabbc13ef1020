import path from 'node:path';
import type { Scorecard } from '../../scorecards/scorecard-schema.ts';
import type { Slice } from '../../scorecards/vocabulary.ts';
import { judge, onlyMetric, type KeptVerdict, type Range } from './judged.ts';
import { kept } from './kept.ts';
import { latencyOf } from './load.ts';
import type { Model, Models } from './models.ts';
import { trainOnPart } from './parts.ts';
import { candidateOf, daysOf, JANUARY, REPLAYED, type Window } from './weeks.ts';

/** One week: its candidate against the champion of its time, by ranking alone and by the whole scorecard. */
export interface ReplayedWeek {
  readonly week: number;
  /** First and last day. */
  readonly days: readonly [string, string];
  readonly rows: number;
  /** All models of this replay are trained on every tenth row, as in the earlier measurement; absent after `TENTH.until`. */
  readonly tenth?: Ranked;
  /** Against the last one that the ranking promoted. */
  readonly ranking: Ranked;
  /** Against the last one that passed every criterion. */
  readonly all: { readonly champion: string } & Omit<KeptVerdict, 'rows'>;
}

/** Judged by the AUC against the champion's alone. */
export interface Ranked {
  /** `January`, or the week whose candidate it was. */
  readonly champion: string;
  readonly verdict: KeptVerdict['verdict'];
  readonly auc: { readonly challenger: number; readonly champion: number; readonly difference: Range };
}

interface Reigning {
  readonly name: string;
  readonly model: Model;
}

export interface ReplayPlan {
  /** False: latency is not measured, and its criteria are left out. */
  readonly load: boolean;
  readonly say: (line: string) => void;
}

/** The rows that the earlier measurement was trained on: one in ten by DuckDB's hash of what names a flight. */
const TENTH = { name: 'tenth', where: 'hash(date, origin, destination, distance::bigint) % 10 = 0', until: 15 };

/** Replays weeks 6 to 25 with three rolling champions, all beginning with the model of January. */
export async function replay(models: Models, { load, say }: ReplayPlan): Promise<readonly ReplayedWeek[]> {
  const whole = load ? models.file.scorecard : withoutLatency(models.file.scorecard);
  const only = onlyMetric(whole, 'auc');
  const first: Reigning = { name: 'January', model: await models.train(JANUARY) };
  const reigning = {
    tenth: { name: 'January', model: await trainOnPart(models, JANUARY, TENTH) },
    ranking: first,
    all: first,
  };
  let known: readonly Slice[] = [];
  const weeks: ReplayedWeek[] = [];
  for (const week of REPLAYED) {
    const on = candidateOf(week);
    const name = `week ${week}`;
    const { holdoutSpan } = await models.snapshot(on);
    const sampled =
      week > TENTH.until ? undefined : await onTenth(models, { on, name, champion: reigning.tenth, only });
    const candidate = { name, model: await models.train(on) };
    // Both replays often have the same champion: then one measurement serves both.
    const measured = reigning.ranking === reigning.all ? whole : only;
    const ranking = await rank(models, { on, candidate, champion: reigning.ranking, measured, only });
    const pair = [candidate.model, reigning.all.model] as const;
    const file = path.join(models.folder, 'loads', `${pair.map((one) => one.name).join('-against-')}.json`);
    const latency = load ? { latency: await kept(file, async () => latencyOf(models, pair, on)) } : {};
    const trial = { challenger: pair[0], champion: pair[1], on, scorecard: whole, known, ...latency };
    const { rows, slices, ...all } = await judge(models, trial);
    weeks.push({
      week,
      days: daysOf(holdoutSpan),
      rows,
      ...(sampled ? { tenth: sampled.ranked } : {}),
      ranking,
      all: { champion: reigning.all.name, ...all },
    });
    say(`${name}: ${ranking.verdict} by ranking, ${all.verdict} by all criteria: ${all.reasons[0]}`);
    if (sampled?.ranked.verdict === 'pass') reigning.tenth = sampled.candidate;
    if (ranking.verdict === 'pass') reigning.ranking = candidate;
    if (all.verdict === 'pass') reigning.all = candidate;
    known = slices;
  }
  return weeks;
}

interface Contest {
  readonly on: Window;
  readonly candidate: Reigning;
  readonly champion: Reigning;
  readonly measured: Scorecard;
  readonly only: Scorecard;
}

async function onTenth(
  models: Models,
  { name, ...contest }: Pick<Contest, 'on' | 'champion' | 'only'> & { readonly name: string },
) {
  const candidate = { name, model: await trainOnPart(models, contest.on, TENTH) };
  return { candidate, ranked: await rank(models, { ...contest, candidate, measured: contest.only }) };
}

async function rank(models: Models, { candidate, champion, measured, on, only }: Contest): Promise<Ranked> {
  const trial = { challenger: candidate.model, champion: champion.model, on, scorecard: measured, only };
  const { criteria, reasons, verdict } = await judge(models, trial);
  const [found] = criteria;
  if (!found?.challenger || !found.champion || !found.difference)
    throw new Error(`the AUC of both models was to be measured: ${reasons.join(' ')}`);
  const auc = { challenger: found.challenger[0], champion: found.champion[0], difference: found.difference };
  return { champion: champion.name, verdict, auc };
}

function withoutLatency(scorecard: Scorecard): Scorecard {
  const criteria = scorecard.spec.criteria.filter(({ group }) => group !== 'latency');
  return { ...scorecard, spec: { ...scorecard.spec, criteria } };
}
