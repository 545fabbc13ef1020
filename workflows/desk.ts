import { upsertMemo, upsertSearchAttributes, setCurrentDetails } from '@temporalio/workflow';
import { defineSearchAttributeKey } from '@temporalio/common';
import { decide, noApproval } from '../scorecards/decision.ts';
import type { ApprovalRequest, ApprovalState, DecisionAnswer } from '../scorecards/decision.ts';
import { renderSheet } from '../scorecards/run-sheet.ts';
import type { RunSheet, StageLine } from '../scorecards/run-sheet.ts';
import type { RetrainInput, RunResult } from '../scorecards/run.ts';
import type { Stage } from '../scorecards/vocabulary.ts';
import type { Desk } from './hands.ts';

const KEYS = {
  model: defineSearchAttributeKey('RetrainModel', 'KEYWORD'),
  stage: defineSearchAttributeKey('RetrainStage', 'KEYWORD'),
  trigger: defineSearchAttributeKey('RetrainTrigger', 'KEYWORD'),
  team: defineSearchAttributeKey('RetrainTeam', 'KEYWORD'),
  candidate: defineSearchAttributeKey('RetrainCandidate', 'KEYWORD'),
  drift: defineSearchAttributeKey('RetrainDriftScore', 'DOUBLE'),
  percent: defineSearchAttributeKey('RetrainCanaryPercent', 'INT'),
  human: defineSearchAttributeKey('RetrainNeedsHuman', 'BOOL'),
  reasons: defineSearchAttributeKey('RetrainReasons', 'KEYWORD_LIST'),
} as const;

/** The desk of a run, kept in the workflow's own memory and shown in the Temporal UI. */
export class TemporalDesk implements Desk {
  #sheet: RunSheet;
  /** What has been said of the stage at hand, and what is new of it. */
  #said: { readonly text: string; readonly news: string } = { text: '', news: '' };

  constructor(input: RetrainInput) {
    const { trigger, applied } = input;
    this.#sheet = {
      run: input.run,
      model: input.model,
      trigger: {
        kind: trigger.kind,
        by: trigger.by,
        asOf: trigger.asOf,
        ...(trigger.reason === undefined ? {} : { reason: trigger.reason }),
      },
      stage: 'drift',
      weightPercent: 0,
      stages: [],
      approval: noApproval,
      links: [],
    };
    upsertSearchAttributes([
      { key: KEYS.model, value: input.model },
      { key: KEYS.trigger, value: trigger.kind },
      { key: KEYS.team, value: applied.policy.metadata.team ?? applied.policy.metadata.owner },
      { key: KEYS.stage, value: 'drift' },
      { key: KEYS.human, value: false },
    ]);
    this.#show();
  }

  sheet(): RunSheet {
    return this.#sheet;
  }

  approval(): ApprovalState {
    return this.#sheet.approval;
  }

  begin(stage: Stage): void {
    this.#said = { text: '', news: '' };
    this.#change({
      stage,
      stages: [...this.#sheet.stages, { stage, state: 'running', result: '', startedAt: now() }],
      next: `${stage} is running`,
    });
    upsertSearchAttributes([{ key: KEYS.stage, value: stage }]);
    upsertMemo({ stage, since: now() });
  }

  done(result: string): void {
    this.#closeLine('done', result);
  }

  /** What the stage at hand is doing right now. */
  progress(result: string, weightPercent: number): void {
    // News may come in after the rollout has ended, when its line is closed or another stage is at hand.
    const { stage, state } = this.#sheet.stages.at(-1) ?? {};
    if (stage !== 'rollout' || state !== 'running') return;
    this.#change({ stages: this.#withLast({ result }), weightPercent });
    upsertSearchAttributes([{ key: KEYS.percent, value: Math.round(weightPercent) }]);
  }

  say(text: string): void {
    this.#tellRunning({ text, news: '' });
  }

  /** What the job of the training waits for; late news are nobody's. */
  news(line: string): void {
    if (this.#sheet.stage === 'training') this.#tellRunning({ ...this.#said, news: line });
  }

  skip(stage: Stage, why: string): void {
    const line: StageLine = { stage, state: 'skipped', result: `skipped: ${why}`, startedAt: now(), endedAt: now() };
    this.#change({ stage, stages: [...this.#sheet.stages, line] });
  }

  ask(request: ApprovalRequest): void {
    this.#change({ approval: { ...this.#sheet.approval, request } });
    upsertSearchAttributes([{ key: KEYS.human, value: true }]);
  }

  expire(): void {
    this.#change({ approval: { ...this.#sheet.approval, outcome: 'expired' } });
    upsertSearchAttributes([{ key: KEYS.human, value: false }]);
  }

  /** One decision arrives, by signal or update; the answer is the same. */
  decide(given: unknown): DecisionAnswer {
    const { state, answer } = decide(this.#sheet.approval, given, now());
    this.#change({ approval: state });
    if (state.outcome) upsertSearchAttributes([{ key: KEYS.human, value: false }]);
    return answer;
  }

  tell(news: Parameters<Desk['tell']>[0]): void {
    const { driftScore, reasons, ...shown } = news;
    this.#change(shown);
    if (shown.challenger?.version !== undefined)
      upsertSearchAttributes([{ key: KEYS.candidate, value: shown.challenger.version }]);
    if (shown.weightPercent !== undefined)
      upsertSearchAttributes([{ key: KEYS.percent, value: Math.round(shown.weightPercent) }]);
    if (driftScore !== undefined) upsertSearchAttributes([{ key: KEYS.drift, value: driftScore }]);
    if (reasons !== undefined) upsertSearchAttributes([{ key: KEYS.reasons, value: [...reasons].slice(0, 20) }]);
  }

  end(result: RunResult): void {
    const isGood = result.outcome === 'promoted' || result.outcome === 'no-drift';
    if (this.#sheet.stages.at(-1)?.state === 'running') this.#closeLine(isGood ? 'done' : 'failed', result.reason);
    this.#change({ ended: { outcome: result.outcome, reason: result.reason, at: now() } });
    upsertSearchAttributes([
      { key: KEYS.stage, value: result.outcome },
      { key: KEYS.human, value: false },
    ]);
    upsertMemo({ outcome: result.outcome, reason: result.reason.slice(0, 500) });
  }

  #closeLine(state: StageLine['state'], result: string): void {
    this.#change({ stages: this.#withLast({ state, result, endedAt: now() }) });
  }

  #tellRunning(said: { readonly text: string; readonly news: string }): void {
    if (this.#sheet.stages.at(-1)?.state !== 'running') return;
    this.#said = said;
    this.#change({ stages: this.#withLast({ result: [said.text, said.news].filter(Boolean).join('; ') }) });
  }

  #withLast(news: Partial<StageLine>): readonly StageLine[] {
    return this.#sheet.stages.map((line, index, all) => (index === all.length - 1 ? { ...line, ...news } : line));
  }

  #change(news: Partial<RunSheet>): void {
    this.#sheet = { ...this.#sheet, ...news };
    this.#show();
  }

  #show(): void {
    setCurrentDetails(renderSheet(this.#sheet));
  }
}

/** Deterministic inside a workflow. */
function now(): string {
  return new Date(Date.now()).toISOString();
}
