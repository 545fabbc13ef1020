/** A person's word on one candidate: the payload of signal and update `decide`. */
export interface Decision {
  /** Digest of the candidate's artifact. */
  readonly candidate: string;
  /** Digest of the scorecard's result. */
  readonly scorecard: string;
  readonly decision: 'approve' | 'reject' | 'bootstrap';
  readonly approver: string;
  readonly reason: string;
}

/** What a decision is answered; anything but `accepted` is recorded and has no effect. */
export type DecisionAnswer =
  | { readonly answer: 'accepted'; readonly decision: Decision['decision']; readonly missing: number }
  | { readonly answer: RefusalCode; readonly reason: string };

export const REFUSAL_CODES = [
  'malformed',
  'not-open',
  'stale-candidate',
  'stale-scorecard',
  'not-authorised',
  'already-decided',
  'wrong-kind',
  'same-person',
  'expired',
] as const;
export type RefusalCode = (typeof REFUSAL_CODES)[number];

/** What is being asked, while it is asked. */
export interface ApprovalRequest {
  readonly candidate: string;
  readonly scorecard: string;
  /** Persons who may decide; groups are already resolved. */
  readonly approvers: readonly string[];
  readonly quorum: number;
  readonly bootstrap: boolean;
}

export interface ApprovalState {
  readonly request?: ApprovalRequest;
  readonly accepted: readonly Decision[];
  readonly refused: readonly {
    readonly given: string;
    readonly answer: RefusalCode;
    readonly reason: string;
    readonly at: string;
  }[];
  readonly outcome?: 'approved' | 'rejected' | 'expired';
}

export const noApproval: ApprovalState = { accepted: [], refused: [] };

/** Shows the first twelve digits, enough for a person to compare. */
const short = (digest: string): string => `${digest.slice(0, 12)}…`;

/** Checks a payload that may have been typed by hand in the Temporal UI. */
export function isDecision(given: unknown): given is Decision {
  if (typeof given !== 'object' || given === null) return false;
  const value = given as Record<string, unknown>;
  const texts = ['candidate', 'scorecard', 'approver', 'reason'].every(
    (key) => typeof value[key] === 'string' && value[key] !== '',
  );
  return (
    texts && (value['decision'] === 'approve' || value['decision'] === 'reject' || value['decision'] === 'bootstrap')
  );
}

/** One decision meets the state of the question. Pure; a refusal is noted and changes nothing else. */
export function decide(
  state: ApprovalState,
  given: unknown,
  at: string,
): { state: ApprovalState; answer: DecisionAnswer } {
  const refusal = refuse(state, given);
  if (refusal || !isDecision(given)) {
    const { answer, reason } = refusal ?? { answer: 'malformed' as const, reason: SHAPE };
    const note = { given: JSON.stringify(given ?? null).slice(0, 500), answer, reason, at };
    return { answer: { answer, reason }, state: { ...state, refused: [...state.refused, note].slice(-20) } };
  }
  const accepted = [...state.accepted, given];
  const missing = given.decision === 'reject' ? 0 : Math.max(0, (state.request?.quorum ?? 1) - accepted.length);
  const outcome = given.decision === 'reject' ? ('rejected' as const) : ('approved' as const);
  return {
    answer: { answer: 'accepted', decision: given.decision, missing },
    state: { ...state, accepted, ...(missing === 0 ? { outcome } : {}) },
  };
}

const SHAPE =
  'expected one object {"candidate": "…", "scorecard": "…", "decision": "approve" | "reject", "approver": "…", "reason": "…"}, every text filled in';

function refuse(state: ApprovalState, given: unknown): { answer: RefusalCode; reason: string } | undefined {
  if (!isDecision(given)) return { answer: 'malformed', reason: SHAPE };
  const { request } = state;
  if (state.outcome === 'expired')
    return { answer: 'expired', reason: 'nobody answered in time, which counts as a reject' };
  if (state.outcome) return { answer: 'already-decided', reason: `the candidate was already ${state.outcome}` };
  if (!request) return { answer: 'not-open', reason: 'no candidate awaits a decision in this run yet' };
  if (given.candidate !== request.candidate) {
    return {
      answer: 'stale-candidate',
      reason: `the decision names candidate ${short(given.candidate)}, awaited is ${short(request.candidate)}`,
    };
  }
  if (given.scorecard !== request.scorecard) {
    return {
      answer: 'stale-scorecard',
      reason: `the decision names scorecard ${short(given.scorecard)}, it is now ${short(request.scorecard)}`,
    };
  }
  return refusePerson(state, request, given);
}

function refusePerson(
  state: ApprovalState,
  request: ApprovalRequest,
  given: Decision,
): { answer: RefusalCode; reason: string } | undefined {
  if (!request.approvers.includes(given.approver)) {
    return {
      answer: 'not-authorised',
      reason: `${given.approver} is not among those who may decide: ${request.approvers.join(', ')}`,
    };
  }
  if (state.accepted.some((earlier) => earlier.approver === given.approver)) {
    return {
      answer: 'same-person',
      reason: `${given.approver} has already decided; the quorum asks for ${request.quorum} different people`,
    };
  }
  const wanted = request.bootstrap ? 'bootstrap' : 'approve';
  if (given.decision === 'reject' || given.decision === wanted) return undefined;
  return {
    answer: 'wrong-kind',
    reason: `this run needs decision "${wanted}" or "reject"${request.bootstrap ? ': there is no champion yet' : ''}`,
  };
}
