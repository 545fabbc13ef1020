import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { getJson } from '../../activities/context.ts';
import { knock, watchId, watchOperation } from '../../activities/door.ts';
import type { EvidenceStore } from '../../activities/ports/evidence-store.ts';
import type { ApprovalRequest, Decision, DecisionAnswer } from '../../scorecards/decision.ts';
import type { RunResult } from '../../scorecards/run.ts';
import type { RunSheet } from '../../scorecards/run-sheet.ts';
import type { AppliedPolicy, DecisionRecord, TriggerRequest } from '../../scorecards/trigger.ts';
import { applyPolicyUpdate, decideUpdate, runSheetQuery, watchStateQuery } from '../../workflows/messages.ts';
import { eventually } from '../eventually.ts';
import { present } from '../present.ts';
import { finish } from './finish.ts';
import { OWNER } from './policies.ts';

/** What people and triggers do, and what is on record. */
export function playWith({
  client,
  evidence,
  folder,
}: {
  readonly client: Client;
  readonly evidence: EvidenceStore;
  readonly folder: string;
}) {
  const sheetOf = async (run: string): Promise<RunSheet> => client.workflow.getHandle(run).query(runSheetQuery);
  const say = async (run: string, decision: Decision): Promise<DecisionAnswer> =>
    client.workflow.getHandle(run).executeUpdate(decideUpdate, { args: [decision] });
  /** Waits until a candidate awaits a decision. */
  const question = async (run: string): Promise<ApprovalRequest> => {
    const sheet = await eventually(
      () => sheetOf(run),
      ({ approval, ended }) => approval.request !== undefined || ended !== undefined,
      25_000,
    );
    if (!sheet.approval.request) throw new Error(`${run} asks nobody: ${sheet.ended?.outcome}, ${sheet.ended?.reason}`);
    return sheet.approval.request;
  };
  const trigger = async (model: string, asOf: string, more: Partial<TriggerRequest> = {}) =>
    knock(client, model, { kind: 'manual', key: `${asOf}-${more.kind ?? 'manual'}`, asOf, by: 'test', ...more });
  let knocks = 0;
  return {
    sheetOf,
    say,
    question,
    signal: async (run: string, name: string, given: unknown) => client.workflow.getHandle(run).signal(name, given),
    apply: async (applied: AppliedPolicy) =>
      client.workflow.executeUpdateWithStart(applyPolicyUpdate, {
        args: [applied],
        startWorkflowOperation: watchOperation(applied.policy.metadata.name),
      }),
    trigger,
    /** A new run, whatever came before: each knock is another, and no cooldown holds it. */
    newRun: async (model: string, asOf: string, kind: TriggerRequest['kind'] = 'manual'): Promise<string> => {
      const answer = await trigger(model, asOf, { kind, key: `${(knocks += 1)}`, ignoreCooldown: true });
      if (answer.answer === 'started') return answer.run;
      throw new Error(`expected a run to start, the answer is ${JSON.stringify(answer)}`);
    },
    decide: async (run: string, decision: Decision['decision'], approver = OWNER) => {
      const { candidate, scorecard } = await question(run);
      return say(run, { candidate, scorecard, decision, approver, reason: 'a test said so' });
    },
    /** The result of a run, once its model knows of it too. */
    result: async (run: string): Promise<RunResult> => {
      const result = await finish<RunResult>(client.workflow.getHandle(run));
      const watch = client.workflow.getHandle(watchId(run.split('/')[1] ?? ''));
      await eventually(
        () => watch.query(watchStateQuery),
        (state) => state.active?.run !== run && state.outbox.length === 0,
      );
      return result;
    },
    /** What the evidence store keeps under a digest. */
    evidenceNamed: async (sha256: string): Promise<unknown> =>
      JSON.parse(await readFile(join(folder, 'evidence', 'blobs', 'sha256', sha256.slice(0, 2), sha256), 'utf8')),
    watch: (model: string) => client.workflow.getHandle(watchId(model)),
    decisions: async (model: string): Promise<DecisionRecord[]> => {
      const refs = await Promise.all((await evidence.keys(`decisions/${model}/`)).map((key) => evidence.recall(key)));
      return Promise.all(refs.map(async (ref) => getJson<DecisionRecord>(evidence, present(ref))));
    },
  };
}
