import path from 'node:path';
import type { Scorecard } from '../../scorecards/scorecard-schema.ts';
import type { Slice } from '../../scorecards/vocabulary.ts';
import { judge, onlyMetric, type KeptVerdict, type Range } from './judged.ts';
import { kept } from './kept.ts';
import { latencyOf } from './load.ts';
import type { Model, Models } from './models.ts';
import { candidateOf, daysOf, JANUARY, REPLAYED } from './weeks.ts';

/** One week: its candidate against the champion of its time, once by ranking alone and once by the whole scorecard. */
export interface ReplayedWeek {
  readonly week: number;
  /** First and last day. */
  readonly days: readonly [string, string];
  readonly rows: number;
  /** AUC of the week's candidate. */
  readonly candidate: number;
  /** Against the last one that the ranking promoted. */
  readonly ranking: Contest & { readonly verdict: KeptVerdict['verdict'] };
  /** Against the last one that passed every criterion. */
  readonly all: Pick<Contest, 'champion'> & Omit<KeptVerdict, 'rows'>;
}

interface Contest {
  /** `January`, or the week whose candidate it was. */
  readonly champion: string;
  readonly auc: { readonly champion: number; readonly difference: Range };
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

/** Replays weeks 6 to 25 with two rolling champions, both beginning with the model of January. */
export async function replay(models: Models, { load, say }: ReplayPlan): Promise<readonly ReplayedWeek[]> {
  const whole = load ? models.file.scorecard : withoutLatency(models.file.scorecard);
  const only = onlyMetric(whole, 'auc');
  const first: Reigning = { name: 'January', model: await models.train(JANUARY) };
  const reigning = { ranking: first, all: first };
  let known: readonly Slice[] = [];
  const weeks: ReplayedWeek[] = [];
  for (const week of REPLAYED) {
    const on = candidateOf(week);
    const challenger = await models.train(on);
    const { holdoutSpan } = await models.snapshot(on);
    // Both replays often have the same champion: then one measurement serves both.
    const scorecard = reigning.ranking === reigning.all ? whole : only;
    const ranking = await judge(models, { challenger, champion: reigning.ranking.model, on, scorecard, only });
    const pair = [challenger, reigning.all.model] as const;
    const file = path.join(models.folder, 'loads', `${pair.map(({ name }) => name).join('-against-')}.json`);
    const latency = load ? { latency: await kept(file, async () => latencyOf(models, pair, on)) } : {};
    const trial = { challenger, champion: reigning.all.model, on, scorecard: whole, known, ...latency };
    const { rows, slices, ...all } = await judge(models, trial);
    const { challenger: candidate, champion, difference } = aucOf(ranking);
    weeks.push({
      week,
      days: daysOf(holdoutSpan),
      rows,
      candidate,
      ranking: { champion: reigning.ranking.name, verdict: ranking.verdict, auc: { champion, difference } },
      all: { champion: reigning.all.name, ...all },
    });
    say(`week ${week}: by ranking ${ranking.verdict}, by all criteria ${all.verdict}: ${all.reasons[0] ?? ''}`);
    const now: Reigning = { name: `week ${week}`, model: challenger };
    if (ranking.verdict === 'pass') reigning.ranking = now;
    if (all.verdict === 'pass') reigning.all = now;
    known = slices;
  }
  return weeks;
}

function withoutLatency(scorecard: Scorecard): Scorecard {
  const criteria = scorecard.spec.criteria.filter(({ group }) => group !== 'latency');
  return { ...scorecard, spec: { ...scorecard.spec, criteria } };
}

function aucOf({ criteria, reasons }: KeptVerdict) {
  const [found] = criteria;
  if (!found?.challenger || !found.champion || !found.difference)
    throw new Error(`the AUC of both models was to be measured: ${reasons.join(' ')}`);
  return { challenger: found.challenger[0], champion: found.champion[0], difference: found.difference };
}
