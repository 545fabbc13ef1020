import { judgeShadow } from '../scorecards/canary/disagreement.ts';
import type { ShadowVerdict } from '../scorecards/canary/disagreement.ts';
import { isHarm } from '../scorecards/canary/judge.ts';
import type { RunContext } from '../scorecards/run.ts';
import type { FileRef, Span } from '../scorecards/vocabulary.ts';
import { digestOf } from './artifact.ts';
import { appliedOf, beating, noteStage } from './context.ts';
import type { ActivitySettings, Ports } from './context.ts';
import type { Dataset } from './dataset.ts';
import { observationDays } from './dataset.ts';
import { keepRecord } from './decision-log.ts';
import { followPhase } from './phase.ts';
import type { PhaseOrder } from './phase-order.ts';
import type { PairCounts } from './ports/pairs.ts';

/** Each model's own frozen cut: two answers disagree when they lie on different sides. */
export interface Cuts {
  readonly champion: number;
  readonly challenger: number;
}

export interface ShadowOrder extends PhaseOrder {
  readonly championLog: string;
  readonly challengerLog: string;
  readonly cuts: Cuts;
  readonly since: string;
  readonly within: number;
}

export interface ShadowResult extends ShadowVerdict {
  readonly counts: PairCounts;
}

/** Rows of the newest day that a batch policy lets both models predict. */
export interface NewestDay {
  readonly rows: FileRef;
  readonly span: Span;
}

const NOTHING: PairCounts = {
  pairs: 0,
  disagreements: 0,
  championAnswers: 0,
  challengerAnswers: 0,
  challengerErrors: 0,
  meanScoreDifference: 0,
};

export function createShadow(
  ports: Pick<Ports, 'gateway' | 'evidence' | 'data'>,
  settings: Pick<ActivitySettings, 'datasets'>,
) {
  return {
    /** Compares both models on the same mirrored requests until there are enough, or the time is over, or it does harm. */
    async watchShadow(input: ShadowOrder): Promise<ShadowResult> {
      return followShadow(ports, input);
    },

    /** The newest complete day before as-of, without labels. */
    async newestDay(input: { readonly context: RunContext; readonly dataset: Dataset }): Promise<NewestDay | null> {
      const { context, dataset } = input;
      const applied = await appliedOf(ports.evidence, context);
      const days = await observationDays(ports, applied, context.asOf);
      const newest = days.findLast((day) => Date.parse(day.bucket.until) <= Date.parse(context.asOf));
      if (!newest) return null;
      const { data, dataset: rules, drift } = applied.policy.spec;
      const into = `${settings.datasets}/${digestOf([context.run, 'newest']).slice(0, 24)}`;
      const request = {
        data,
        dataset: rules,
        features: dataset.features,
        folder: context.folder,
        into,
        bucketMs: drift.bucket,
        span: newest.bucket,
      };
      const rows = await beating((work) => ports.data.features(request, work));
      return { rows, span: newest.bucket };
    },

    /** A batch policy's shadow: both predictions of the newest day, side by side. */
    async compareNewest(input: {
      readonly context: RunContext;
      readonly champion: FileRef;
      readonly challenger: FileRef;
      readonly cuts: Cuts;
    }): Promise<ShadowResult> {
      const { policy } = await appliedOf(ports.evidence, input.context);
      const { champion, challenger, cuts } = input;
      const request = { champion, challenger, cuts, id: policy.spec.data.observations.id };
      const counts = await beating((work) => ports.data.comparePredictions(request, work));
      const atLeast = Math.min(policy.spec.shadow.atLeast, counts.championAnswers);
      const result = { ...judgeShadow({ ...counts, atLeast, ceiling: policy.spec.shadow.disagreement }), counts };
      await noteStage(ports.evidence, input.context, 'shadow', result);
      return result;
    },
  };
}

/** Pairs are counted at each look; once there are enough, what is still on its way may land before it ends. */
async function followShadow(
  ports: Pick<Ports, 'gateway' | 'evidence' | 'data'>,
  input: ShadowOrder,
): Promise<ShadowResult> {
  const { shadow } = (await appliedOf(ports.evidence, input.context)).policy.spec;
  const bounds = { atLeast: shadow.atLeast, ceiling: shadow.disagreement };
  const judge = () => judgeShadow({ ...counts, ...bounds });
  let counts = NOTHING;
  let enoughAt: number | undefined;
  const phase = await followPhase(ports, input, async ({ verdict, now }) => {
    if (isHarm(verdict)) return { over: true };
    counts = await countPairs(ports, input, enoughAt);
    const judged = judge();
    const pairs = { ...counts, ...bounds, ...judged };
    const enough = counts.pairs + counts.challengerErrors >= shadow.atLeast;
    if (enough || now - Date.parse(input.since) >= input.within) enoughAt ??= now;
    if (enoughAt === undefined) return { over: false, pairs };
    const landed = now - enoughAt >= Math.min(LANDS_WITHIN_MS, input.within);
    return { over: landed || judged.verdict !== 'inconclusive', pairs };
  });
  const harm = phase.word === 'rollback' || phase.word === 'target-down';
  const judged = harm
    ? { verdict: 'fail' as const, reason: `the challenger fails on mirrored requests: ${phase.reason}` }
    : judge();
  const result = { ...judged, counts };
  await keepRecord(harm, result, async () => noteStage(ports.evidence, input.context, 'shadow', result));
  return result;
}

/** Both logs are written about once a second, not at the same moment: the partner of an answer may still be on its way. */
const LANDS_WITHIN_MS = 4000;

/** Pairs among the requests answered before `before`; at first all that there are, whatever the servers' clocks say. */
async function countPairs(
  ports: Pick<Ports, 'data'>,
  order: ShadowOrder,
  before = Date.now() + 60_000,
): Promise<PairCounts> {
  const until = new Date(before).toISOString();
  const { championLog, challengerLog, cuts, since } = order;
  const request = { championLog, challengerLog, cuts, span: { from: since, until } };
  return ports.data.pairs(request, { signal: AbortSignal.timeout(30_000), progress: () => undefined });
}
