import { expect, test } from '@jest/globals';
import { exitOfEnd } from '../../clients/verdict-exit.ts';
import { OUTCOMES } from '../../scorecards/vocabulary.ts';

const exits = (stage: string, goal: string) =>
  Object.fromEntries(
    OUTCOMES.map((outcome) => [outcome, exitOfEnd({ ended: { outcome, reason: '', at: '' }, stage }, goal)]),
  );

test('OP10: every way a run can end has its exit code', () => {
  expect(exits('scorecard', 'promoted')).toEqual({
    promoted: 0,
    'no-drift': 7,
    rejected: 7,
    inconclusive: 7,
    blocked: 7,
    'rolled-back': 8,
    expired: 9,
    aborted: 1,
    failed: 1,
    lost: 1,
  });
});

test('a rejection by a person is told apart from one by a gate', () => {
  expect(exits('approval', 'promoted')['rejected']).toBe(9);
});

test('whoever waits only for the end is content when nothing drifts', () => {
  expect(exits('drift', 'ended')['no-drift']).toBe(0);
});
