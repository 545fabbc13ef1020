import { STAGES } from '../scorecards/vocabulary.ts';
import type { EvidenceRef, Outcome, Stage } from '../scorecards/vocabulary.ts';
import type { RunResult } from '../scorecards/run.ts';
import type { StageLine } from '../scorecards/run-sheet.ts';
import { decisionOf } from '../scorecards/trigger.ts';
import type { TriggerRequest } from '../scorecards/trigger.ts';
import { putJson } from './context.ts';
import type { Ports } from './context.ts';
import type { Notification, NotifiedReport } from './ports/notifier.ts';
import { reportOf, tellReport } from './notified-report.ts';
import type { Telemetry } from './telemetry.ts';

/** The last fact about a run; reports begin here. */
export interface RunEnd extends RunResult {
  readonly model: string;
  readonly trigger: TriggerRequest;
  readonly receivedAt: string;
  readonly endedAt: string;
  readonly stages: readonly StageLine[];
  /** The last lines of the trainer that ended the run. */
  readonly logTail?: string;
}

/** Ends that an owner should hear of at once, and how loudly. */
const SEVERITY: Readonly<Record<Outcome, 'page' | 'ticket' | 'info'>> = {
  promoted: 'info',
  rejected: 'ticket',
  expired: 'ticket',
  inconclusive: 'ticket',
  'rolled-back': 'page',
  'no-drift': 'info',
  blocked: 'page',
  aborted: 'info',
  failed: 'page',
  lost: 'page',
};

/** What the owner is told of: how a run ended, and where. */
export interface EndedRun {
  readonly model: string;
  readonly run: string;
  readonly outcome: Outcome;
  readonly reason: string;
  readonly stage: Stage;
  /** Absent from workers of before. */
  readonly links?: NotifiedReport['links'];
  /** The scorecard's whole result, when it let nothing pass. */
  readonly scorecard?: EvidenceRef;
}

/** A gate that a candidate failed pages with the report (TR4); one that could not decide, and a person's no, do not. */
function severityOf(outcome: Outcome, stage: Stage): Notification['severity'] {
  const failedGate = outcome === 'rejected' && decisionOf({ outcome, stage }) === 'gate-failed';
  return failedGate ? 'page' : SEVERITY[outcome];
}

export function createClosing(ports: Pick<Ports, 'evidence' | 'notifier'>, telemetry: Telemetry) {
  return {
    /** Writes how the run ended and counts it. The first word is final. */
    async closeRun(input: { readonly end: RunEnd }): Promise<EvidenceRef> {
      const { end } = input;
      const ref = await ports.evidence.remember(`runs/${end.run}/end`, await putJson(ports.evidence, end));
      const seconds = (Date.parse(end.endedAt) - Date.parse(end.receivedAt)) / 1000;
      telemetry.runEnded({ model: end.model, outcome: end.outcome, trigger: end.trigger.kind, seconds });
      for (const line of end.stages) stageMetric(telemetry, end.model, line);
      return ref;
    },

    /** Tells the owner. Retried a few times, then given up: no run waits for a chat server. */
    async tellOwner(input: EndedRun): Promise<void> {
      const { links = [], model, run, outcome, reason, scorecard, stage } = input;
      const report = await reportOf(ports, { run, links, ...(scorecard ? { scorecard } : {}) });
      await ports.notifier.notify({
        key: `understudy:${model}:${run}:${outcome}`,
        severity: severityOf(outcome, stage),
        model,
        run,
        title: `${model}: ${outcome} in stage ${stage}`,
        text: tellReport(reason, report),
        report,
      });
    },

    /** The trigger has no decision yet although its time is over: whoever answers for the model hears of it, once. */
    async escalate(input: {
      readonly model: string;
      readonly run: string;
      readonly people: readonly string[];
      readonly stage: Stage;
      readonly within: string;
    }): Promise<void> {
      const { model, run, people, stage, within } = input;
      await ports.notifier.notify({
        key: `understudy:${model}:${run}:late`,
        severity: 'page',
        model,
        run,
        title: `${model}: no decision within ${within}`,
        text: `The run is still in stage ${stage}; ${people.join(', ')} should look.\nunderstudy status ${run}`,
      });
    },

    /** Asks the people who may decide. */
    async askForDecision(input: {
      readonly model: string;
      readonly run: string;
      readonly approvers: readonly string[];
      readonly text: string;
    }): Promise<void> {
      const { model, run, approvers, text } = input;
      await ports.notifier.notify({
        key: `understudy:${model}:${run}:approval`,
        severity: 'ticket',
        model,
        run,
        title: `${model}: a candidate awaits ${approvers.join(', ')}`,
        text: `${text}\nunderstudy approve ${run}`,
      });
    },
  };
}

function stageMetric(telemetry: Telemetry, model: string, line: StageLine): void {
  if (!STAGES.includes(line.stage) || line.endedAt === undefined || line.state === 'skipped') return;
  const seconds = (Date.parse(line.endedAt) - Date.parse(line.startedAt)) / 1000;
  telemetry.stageEnded({ model, stage: line.stage, outcome: line.state === 'failed' ? 'failed' : 'done', seconds });
}
