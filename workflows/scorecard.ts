import type { Predictions } from '../activities/prediction.ts';
import type { LatencyRef } from '../activities/load-run.ts';
import type { ScorecardResult } from '../activities/scorecard.ts';
import type { ServedVersion } from '../activities/serving.ts';
import type { EvidenceRef, FileRef } from '../scorecards/vocabulary.ts';
import type { Data } from './dataset.ts';
import { Ending } from './ending.ts';
import type { Run } from './retrain.ts';
import type { Candidate } from './training.ts';

export interface Scored extends ScorecardResult {
  /** Absent for batch policies. */
  readonly servers?: { readonly challenger: ServedVersion; readonly champion?: ServedVersion };
}

/** Predictions of both models, their servers and the load run go side by side; then everything is judged at once. */
export async function scorecardStage(
  run: Run,
  { baseline, dataset }: Data,
  candidate: Candidate,
): Promise<Scored | Ending> {
  const { context, champion, hands } = run;
  hands.desk.begin('scorecard');
  const order = { rows: dataset.holdout, purpose: 'holdout' };
  const [challengerRows, championRows, servers] = await hands.together([
    async () => predict(run, { ...order, who: 'challenger', record: candidate.record }),
    async () => champion && predict(run, { ...order, who: 'champion', record: champion.record }),
    async () => serve(run, candidate),
  ]);
  // Only now: a load run beside a trainer's predictions would measure the machine, not the servers.
  const latency: LatencyRef = servers
    ? await hands.act('load run').measureLatency({ context, dataset, ...servers })
    : null;
  const predictions = { challenger: challengerRows, ...(championRows ? { champion: championRows } : {}) };
  const card = await hands.act('judge all criteria').judgeScorecard({
    context,
    dataset,
    baseline,
    candidate,
    predictions,
    latency,
    ...(champion ? { championRecord: champion.record } : {}),
  });
  hands.desk.done(`${card.passed} of ${card.of} findings pass: ${card.reasons[0] ?? ''}`);
  if (card.verdict === 'pass') return { ...card, ...(servers ? { servers } : {}) };
  const failed = [
    ...new Set(card.findings.filter((finding) => finding.judged !== 'pass').map((finding) => finding.criterion)),
  ];
  hands.desk.tell({ reasons: failed });
  const outcome = card.verdict === 'fail' ? 'rejected' : 'inconclusive';
  return new Ending(outcome, card.reasons.slice(0, 5).join(' '), { scorecard: card.result });
}

type Order = {
  readonly who: 'champion' | 'challenger';
  readonly record: EvidenceRef;
  readonly rows: FileRef;
  readonly purpose: string;
};

export async function predict({ context, hands, undo }: Run, order: Order): Promise<Predictions> {
  const { who, record, rows, purpose } = order;
  const node = `${purpose}-${who === 'champion' ? 'a' : 'b'}`;
  // Before the start: a start whose answer is lost is taken back too.
  undo.always(() => hands.act(`remove job ${node}`).removeJob({ context, node }));
  const { job } = await hands.act(`start predicting: ${node}`).submitPrediction({ context, who, record, rows, node });
  await hands.act(`follow job ${job}`).watchJob({ job });
  return hands.act(`take over predictions: ${order.who}`).collectPrediction({ job });
}

/** The challenger's server lives until the run ends without promotion; the champion's outlives every run. */
async function serve({ context, champion, hands, input, undo }: Run, candidate: Candidate): Promise<Scored['servers']> {
  if (!input.applied.policy.spec.serving) return undefined;
  const { version, record } = candidate;
  undo.unlessPromoted(() => hands.act(`stop server v${version}`).stopServer({ model: context.model, version }));
  const challenger = await hands.act(`server v${version}`).ensureServer({ context, version, record });
  if (!champion) return { challenger };
  return {
    challenger,
    champion: await hands.act(`server v${champion.version}`).ensureServer({ context, ...champion }),
  };
}
