import type { JudgeInput } from '../activities/judge-input.ts';
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

/** The model that goes on, and what is said of it. */
export interface Judged {
  readonly candidate: Candidate;
  readonly card: Scored;
}

/**
 * Everything that a training handed in is judged, and the first in the policy's order that passes goes on: mostly there is one
 * model. Nothing that did not pass keeps a server.
 */
export async function scorecardStage(
  run: Run,
  data: Data,
  { others = [], ...candidate }: Candidate,
): Promise<Judged | Ending> {
  const { hands } = run;
  hands.desk.begin('scorecard');
  const first = await judge(run, data, candidate);
  const all = [first];
  for (const other of others) all.push(await judge(run, data, other, first));
  const chosen = all.find(({ card }) => card.verdict === 'pass') ?? first;
  if (all.length > 1) await settle(run, all, chosen);
  const { card } = chosen;
  const told = all.map(({ candidate: { variant }, card: { passed, of, reasons } }) => {
    const line = `${passed} of ${of} findings pass: ${reasons[0] ?? ''}`;
    return variant === undefined ? line : `${variant}: ${line}`;
  });
  hands.desk.done(told.join('; '));
  if (card.verdict === 'pass') return { candidate: chosen.candidate, card };
  const findings = all.flatMap((one) => one.card.findings.filter((finding) => finding.judged !== 'pass'));
  hands.desk.tell({ reasons: [...new Set(findings.map((finding) => finding.criterion))] });
  const outcome = all.every((one) => one.card.verdict === 'fail') ? 'rejected' : 'inconclusive';
  const reasons = [...card.reasons.slice(0, 5), ...told.slice(1).map((line) => `Variant ${line}`)];
  return new Ending(outcome, reasons.join(' '), { scorecard: card.result });
}

interface JudgedOne extends Judged {
  readonly input: JudgeInput;
}

/** Predictions of both models, their servers and the load run go side by side; then everything is judged at once. */
async function judge(run: Run, data: Data, candidate: Candidate, before?: JudgedOne): Promise<JudgedOne> {
  const { baseline, dataset } = data;
  const { context, champion, hands } = run;
  const { variant } = candidate;
  const order = { rows: dataset.holdout, purpose: before ? `holdout-${variant}` : 'holdout' };
  const known = before?.input.predictions.champion;
  const [challengerRows, championRows, servers] = await hands.together([
    async () => predict(run, { ...order, who: 'challenger', record: candidate.record }),
    async () => known ?? (champion && predict(run, { ...order, who: 'champion', record: champion.record })),
    async () => serve(run, candidate),
  ]);
  // Only now: a load run beside a trainer's predictions would measure the machine, not the servers.
  const latency: LatencyRef = servers
    ? await hands.act('load run').measureLatency({ context, dataset, ...servers })
    : null;
  const predictions = { challenger: challengerRows, ...(championRows ? { champion: championRows } : {}) };
  const input = {
    context,
    dataset,
    baseline,
    candidate,
    predictions,
    latency,
    ...(champion ? { championRecord: champion.record } : {}),
  };
  const named = variant === undefined ? input : { ...input, variant };
  const card = await hands.act('judge all criteria').judgeScorecard(named);
  return { candidate, input, card: { ...card, ...(servers ? { servers } : {}) } };
}

/** Which of several goes on: its word is the run's own, the alias is its, and the servers of the others stop. */
async function settle(run: Run, all: readonly JudgedOne[], chosen: JudgedOne): Promise<void> {
  const { context, hands } = run;
  const { digest, variant, version } = chosen.candidate;
  const { servers: _, ...card } = chosen.card;
  const { dataset, predictions } = chosen.input;
  await hands.act(`keep the scorecard of ${variant}`).keepScorecard({ context, dataset, predictions, card });
  await hands
    .act(`alias challenger → v${version}`)
    .markStage({ model: context.model, version, alias: 'challenger', stage: 'challenger' });
  hands.desk.tell({ challenger: { version, digest } });
  for (const { card, candidate: other } of all) {
    if (other.version === version || !card.servers) continue;
    await hands.act(`stop server v${other.version}`).stopServer({ model: context.model, version: other.version });
  }
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
