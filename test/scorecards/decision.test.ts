import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decide, isDecision, noApproval } from '../../scorecards/decision.ts';
import type { ApprovalRequest, ApprovalState, Decision } from '../../scorecards/decision.ts';

const AT = '2001-03-01T00:00:00.000Z';
const [CANDIDATE, SCORECARD, OTHER] = ['a', 'b', 'c'].map((digit) => digit.repeat(64));

const open = (change: Partial<ApprovalRequest> = {}): ApprovalState => ({
  ...noApproval,
  request: {
    candidate: `${CANDIDATE}`,
    scorecard: `${SCORECARD}`,
    approvers: ['ana', 'bo', 'cy'],
    quorum: 1,
    bootstrap: false,
    ...change,
  },
});
const word = (change: Partial<Record<keyof Decision, unknown>> = {}) => ({
  candidate: CANDIDATE,
  scorecard: SCORECARD,
  decision: 'approve',
  approver: 'ana',
  reason: 'looks right',
  ...change,
});
/** All words one after the other. */
const after = (state: ApprovalState, ...words: readonly unknown[]): ApprovalState =>
  words.reduce<ApprovalState>((so, given) => decide(so, given, AT).state, state);

describe('a word that counts', () => {
  test('AP1: one authorised approval of the awaited candidate approves it', () => {
    const { state, answer } = decide(open(), word(), AT);
    expect(answer).toEqual({ answer: 'accepted', decision: 'approve', missing: 0 });
    expect(state).toMatchObject({ outcome: 'approved', accepted: [word()], refused: [] });
  });

  test('AP1: one reject is enough, whatever the quorum', () => {
    const { state, answer } = decide(open({ quorum: 3 }), word({ decision: 'reject' }), AT);
    expect(answer).toEqual({ answer: 'accepted', decision: 'reject', missing: 0 });
    expect(state.outcome).toBe('rejected');
  });

  test('AP2: a quorum of two needs two people', () => {
    const first = decide(open({ quorum: 2 }), word(), AT);
    expect(first.answer).toEqual({ answer: 'accepted', decision: 'approve', missing: 1 });
    expect(first.state).not.toHaveProperty('outcome');
    const second = decide(first.state, word({ approver: 'bo' }), AT);
    expect(second.answer).toMatchObject({ answer: 'accepted', missing: 0 });
    expect(second.state.outcome).toBe('approved');
  });

  test('AP2: after one approval of two, another person may still reject', () => {
    const state = after(open({ quorum: 2 }), word(), word({ approver: 'bo', decision: 'reject' }));
    expect(state.outcome).toBe('rejected');
  });

  test('AP1: the first champion is made by the word bootstrap', () => {
    expect(after(open({ bootstrap: true }), word({ decision: 'bootstrap' })).outcome).toBe('approved');
    expect(after(open({ bootstrap: true }), word({ decision: 'reject' })).outcome).toBe('rejected');
  });
});

describe('a word that does not count is recorded and changes nothing else', () => {
  const expired: ApprovalState = { ...open(), outcome: 'expired' };
  const half = after(open({ quorum: 2 }), word());
  test.each([
    ['AP3: another candidate', open(), word({ candidate: OTHER }), ['stale-candidate', /cccccccccccc….*aaaaaaaaaaaa…/]],
    ['AP3: a scorecard made before', open(), word({ scorecard: OTHER }), ['stale-scorecard', /cccc.*now bbbb/]],
    ['AP3: candidate and scorecard swapped', open(), word({ candidate: SCORECARD }), ['stale-candidate', /awaited/]],
    ['AP3: a digest cut short', open(), word({ candidate: 'a'.repeat(12) }), ['stale-candidate', /awaited/]],
    ['AP2: an outsider', open(), word({ approver: 'eve' }), ['not-authorised', /eve.*ana, bo, cy/]],
    ['AP2: an outsider who rejects', open(), word({ approver: 'eve', decision: 'reject' }), ['not-authorised', /eve/]],
    ['AP2: a name in other letters', open(), word({ approver: 'Ana' }), ['not-authorised', /Ana/]],
    ['AP2: the same person twice', half, word(), ['same-person', /ana.*2 different people/]],
    ['AP2: the same person, who now rejects', half, word({ decision: 'reject' }), ['same-person', /already/]],
    [
      'AP1: a second word after the approval',
      after(open(), word()),
      word({ approver: 'bo' }),
      ['already-decided', /approved/],
    ],
    ['AP1: a word before the question', noApproval, word(), ['not-open', /no candidate awaits/]],
    ['AP4: a word after the time', expired, word(), ['expired', /counts as a reject/]],
    ['AP1: approve where bootstrap is asked', open({ bootstrap: true }), word(), ['wrong-kind', /no champion yet/]],
    [
      'AP1: bootstrap where a champion is',
      open(),
      word({ decision: 'bootstrap' }),
      ['wrong-kind', /"approve" or "reject"/],
    ],
    ['AP1: a word as text', open(), JSON.stringify(word()), ['malformed', /one object/]],
    ['AP1: nothing', open(), undefined, ['malformed', /one object/]],
    ['AP1: no reason', open(), word({ reason: '' }), ['malformed', /every text filled in/]],
    ['AP1: an unknown decision', open(), word({ decision: 'approved' }), ['malformed', /approve/]],
    ['AP1: a list of decisions', open(), [word()], ['malformed', /one object/]],
  ] as const)('%s', (_, state, given, refusal) => {
    const decided = decide(state, given, AT);
    const [answer, reason] = refusal;
    const note = { answer, reason: expect.stringMatching(reason) };
    expect(decided.answer).toEqual(note);
    expect(decided.state).toEqual({ ...state, refused: [{ ...note, given: expect.any(String), at: AT }] });
  });

  test('AP1: of many refused words the last twenty are kept, each cut to 500 characters', () => {
    const state = after(open(), ...Array.from({ length: 30 }, (_, index) => `${index}`.padEnd(1000, '.')));
    expect(state.refused).toHaveLength(20);
    expect(state.refused.at(-1)?.given).toMatch(/^"29\./);
    expect(state.refused.map(({ given }) => given.length)).toEqual(Array.from({ length: 20 }, () => 500));
  });
});

describe('whatever somebody sends', () => {
  const states = fc.constantFrom(open(), open({ quorum: 2 }), open({ bootstrap: true }), noApproval);

  test('AP1: any JSON is answered without an error, and approves nothing', () => {
    fc.assert(
      fc.property(states, fc.jsonValue(), (state, given) => {
        const decided = decide(state, given, AT);
        expect(decided.answer.answer).toBe('malformed');
        expect(decided.state).toEqual({
          ...state,
          refused: [expect.objectContaining({ answer: 'malformed', at: AT })],
        });
      }),
      { numRuns: 2000 },
    );
  });

  test('AP1, AP3: a word with any one field replaced by any JSON approves nothing', () => {
    const field = fc.constantFrom('candidate', 'scorecard', 'decision', 'approver');
    const meant = [...Object.values(word()), 'bo', 'cy', 'bootstrap'];
    const foreign = fc.jsonValue().filter((value) => !meant.includes(value as string));
    fc.assert(
      fc.property(field, foreign, (name, value) => {
        expect(decide(open(), { ...word(), [name]: value }, AT).state).toMatchObject({ accepted: [] });
      }),
      { numRuns: 2000 },
    );
  });

  test('a decision has five texts, and may have more fields', () => {
    expect(isDecision({ ...word(), note: 1 })).toBe(true);
    const fields = ['candidate', 'scorecard', 'decision', 'approver', 'reason'] as const;
    expect(fields.filter((name) => isDecision(word({ [name]: 7 })))).toEqual([]);
  });
});
