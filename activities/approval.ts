import { getClient } from '@temporalio/activity';
import type { ApprovalRequest, Decision, RefusalCode } from '../scorecards/decision.ts';
import type { RunContext } from '../scorecards/run.ts';
import type { EvidenceRef } from '../scorecards/vocabulary.ts';
import { appliedOf, noteStage, putJson } from './context.ts';
import type { ActivitySettings, Ports } from './context.ts';
import { PortFailure } from './ports/port-failure.ts';
import type { Telemetry } from './telemetry.ts';

/** Who decided what, and what Temporal's history says about how the word came in. */
export interface ApprovalEvidence {
  readonly decisions: readonly Decision[];
  readonly outcome: 'approved' | 'rejected' | 'expired';
  /** `unsigned`: an identity is whatever the caller claims; good for the audit, never an authorisation. */
  readonly trust: 'unsigned';
  readonly events: readonly {
    readonly eventId: string;
    readonly at: string;
    readonly identity: string;
    readonly message: 'signal' | 'update';
  }[];
  readonly waitedSeconds: number;
}

export function createApproval(
  ports: Pick<Ports, 'evidence'>,
  settings: Pick<ActivitySettings, 'groups' | 'trust'>,
  telemetry: Telemetry,
) {
  return {
    /** Who may decide on this candidate: the policy's names, groups resolved by the operators' settings. */
    async openApproval(input: {
      readonly context: RunContext;
      readonly candidate: string;
      readonly scorecard: string;
    }): Promise<ApprovalRequest> {
      const { policy } = await appliedOf(ports.evidence, input.context);
      const { approval, risk } = policy.spec;
      if (risk === 'high' && settings.trust === 'namespace') {
        throw new PortFailure(
          'unsupported',
          'risk: high needs approval.trust: signed; whoever may write to the namespace could approve',
        );
      }
      const approvers = resolvePeople(approval.from ?? [policy.metadata.owner], settings.groups);
      const { candidate, scorecard } = input;
      return { candidate, scorecard, approvers, quorum: approval.quorum, bootstrap: input.context.bootstrap };
    },

    /** Keeps the decision with the identities that Temporal's history shows for it. */
    async recordApproval(input: {
      readonly context: RunContext;
      readonly decisions: readonly Decision[];
      readonly outcome: ApprovalEvidence['outcome'];
      readonly askedAt: string;
      readonly decidedAt: string;
    }): Promise<EvidenceRef> {
      const waitedSeconds = (Date.parse(input.decidedAt) - Date.parse(input.askedAt)) / 1000;
      const { decisions, outcome } = input;
      const events = await decideEvents(input.context.run);
      const evidence: ApprovalEvidence = { decisions, outcome, trust: 'unsigned', events, waitedSeconds };
      telemetry.humanWaited({ kind: 'approval', seconds: waitedSeconds });
      await noteStage(ports.evidence, input.context, 'approval', evidence);
      return putJson(ports.evidence, evidence);
    },

    /** A refused decision is a fact for the on-call, not only a line in a sheet. */
    async countRefusal(input: { readonly reason: RefusalCode }): Promise<void> {
      telemetry.decisionRefused(input);
    },
  };
}

/** `group:NAME` → its members. A group that nobody defined is an error: nobody could ever approve. */
export function resolvePeople(names: readonly string[], groups: Readonly<Record<string, readonly string[]>>): string[] {
  const people = names.flatMap((name) => {
    if (!name.startsWith('group:')) return [name];
    const members = groups[name.slice('group:'.length)];
    if (members && members.length > 0) return members;
    throw new PortFailure(
      'bad-request',
      `approval.from names ${name}, which the operators' settings do not define: add it under groups`,
    );
  });
  return [...new Set(people)];
}

async function decideEvents(run: string): Promise<ApprovalEvidence['events']> {
  const { events } = await getClient().workflow.getHandle(run).fetchHistory();
  return (events ?? []).flatMap((event): ApprovalEvidence['events'] => {
    const signal = event.workflowExecutionSignaledEventAttributes;
    const update = event.workflowExecutionUpdateAcceptedEventAttributes?.acceptedRequest;
    const seconds = Number(event.eventTime?.seconds ?? 0);
    const base = { eventId: String(event.eventId), at: new Date(seconds * 1000).toISOString() };
    if (signal?.signalName === 'decide')
      return [{ ...base, identity: signal.identity ?? '', message: 'signal' as const }];
    if (update?.input?.name === 'decide')
      return [{ ...base, identity: update.meta?.identity ?? '', message: 'update' as const }];
    return [];
  });
}
