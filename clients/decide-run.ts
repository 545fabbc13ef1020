import type { ApprovalRequest, Decision, DecisionAnswer, RefusalCode } from '../scorecards/decision.ts';
import type { RunSheet } from '../scorecards/run-sheet.ts';
import { decideUpdate } from '../workflows/messages.ts';
import { confirmModel } from './confirm.ts';
import { withSession } from './connect.ts';
import { CliFailure, EXIT } from './failure.ts';
import { runNamed, sheetOf } from './runs.ts';
import { answer, talk } from './terminal.ts';
import type { Screen } from './terminal.ts';

export interface DecideOptions {
  readonly reject?: boolean;
  readonly scorecard?: string;
  readonly candidate?: string;
  readonly reason: string;
  readonly as?: string;
  readonly print?: boolean;
  readonly yes?: boolean;
}

/** Fewer digits would not tell two results apart. */
const PREFIX = 6;

/** Shows what is decided on, asks, and sends the decision. Answers with the exit code. */
export async function decideRun(screen: Screen, name: string, options: DecideOptions): Promise<number> {
  return withSession(screen, async (session) => {
    const run = await runNamed(session, name);
    const sheet = await sheetOf(session, run);
    const request = openRequest(sheet);
    requireSame('scorecard', options.scorecard, request.scorecard, run);
    requireSame('candidate', options.candidate, request.candidate, run);
    const decision: Decision = {
      candidate: request.candidate,
      scorecard: request.scorecard,
      decision: options.reject ? 'reject' : request.bootstrap ? 'bootstrap' : 'approve',
      approver: options.as ?? session.identity,
      reason: options.reason,
    };
    if (options.print) {
      screen.out.write(`${JSON.stringify(decision)}\n`);
      return EXIT.ok;
    }
    for (const line of facts(sheet, request, decision)) talk(screen, line);
    if (!options.yes) await confirmModel(screen, 'approve', sheet.model);
    const got = await session.ask(`${run} to take the decision`, () =>
      session.client.workflow.getHandle(run).executeUpdate(decideUpdate, { args: [decision] }),
    );
    return told(screen, { run, request, decision, got });
  });
}

function openRequest(sheet: RunSheet): ApprovalRequest {
  const { approval, ended, run } = sheet;
  if (ended)
    throw new CliFailure(
      EXIT.notFound,
      `${run} has ended: ${ended.outcome}, ${ended.reason}`,
      `understudy report ${run}`,
    );
  if (approval.outcome)
    throw new CliFailure(
      EXIT.conflict,
      `the candidate of ${run} was already ${approval.outcome}`,
      `understudy status ${run}`,
    );
  if (approval.request) return approval.request;
  const message = `${run} asks nobody yet: it is in stage ${sheet.stage}`;
  throw new CliFailure(EXIT.conflict, message, `understudy wait ${run} --for=approval`);
}

/** A digest, or its first digits, as somebody saw it before. */
function requireSame(what: 'scorecard' | 'candidate', given: string | undefined, now: string, run: string): void {
  const digits = given?.replace(/^sha256:/, '').replace(/…$/, '');
  if (digits === undefined || (digits.length >= PREFIX && now.startsWith(digits))) return;
  const next = `understudy report ${run}, then decide on sha256:${now.slice(0, 12)}`;
  const message = `the ${what} is not the one you looked at: you named sha256:${digits}, it is now sha256:${now}; nothing was decided`;
  throw new CliFailure(EXIT.conflict, message, next);
}

function facts(sheet: RunSheet, request: ApprovalRequest, decision: Decision): string[] {
  const { challenger, champion, model, stages, trigger } = sheet;
  const judged = stages.find((line) => line.stage === 'scorecard')?.result ?? '';
  const from = champion ? `v${champion.version}` : 'no champion yet';
  return [
    `${model}   ${from} → v${challenger?.version ?? '?'}`,
    `  candidate   sha256:${request.candidate}`,
    `  scorecard   sha256:${request.scorecard}`,
    `              ${judged}`,
    `  asked by    ${trigger.by} (${trigger.kind})`,
    `  you         ${decision.approver}: ${decision.decision}`,
  ];
}

const REFUSALS: Readonly<Record<RefusalCode, number>> = {
  malformed: EXIT.usage,
  'not-open': EXIT.conflict,
  'stale-candidate': EXIT.conflict,
  'stale-scorecard': EXIT.conflict,
  'not-authorised': EXIT.notAuthorised,
  'already-decided': EXIT.conflict,
  'wrong-kind': EXIT.conflict,
  'same-person': EXIT.conflict,
  expired: EXIT.notFound,
};

function told(
  screen: Screen,
  { decision, got, request, run }: { run: string; request: ApprovalRequest; decision: Decision; got: DecisionAnswer },
): number {
  if (got.answer !== 'accepted') {
    const next =
      got.answer === 'not-authorised' ? `--as ${request.approvers[0] ?? 'PERSON'}` : `understudy status ${run}`;
    throw new CliFailure(REFUSALS[got.answer], `refused (${got.answer}): ${got.reason}`, next);
  }
  answer(screen, { run, ...got, ...decision }, () => {
    if (got.decision === 'reject') return 'rejected; the champion serves on';
    const missing =
      got.missing === 0 ? '' : ` ${got.missing} more ${got.missing === 1 ? 'person is' : 'people are'} needed.`;
    return `approved.${missing}      stop: understudy abort ${run}`;
  });
  return EXIT.ok;
}
