import { describe, expect, test } from '@jest/globals';
import { excused } from '../../../scorecards/drift/benign.ts';
import type { BenignMark } from '../../../scorecards/drift/benign.ts';
import { decideDrift } from '../../../scorecards/drift/decide.ts';
import type { DriftFinding } from '../../../scorecards/drift/verdict.ts';
import { finding, read, WEEK } from './worlds.ts';

const breach = { judged: 'fail', level: 'breach', reason: 'breach' } as const;
const mark = (given: Partial<BenignMark> = {}): BenignMark => ({
  schemaVersion: 1,
  model: 'churn',
  column: 'fare',
  kind: 'data',
  by: 'ana@example',
  reason: 'summer timetable',
  until: WEEK.until,
  at: '2001-04-20T09:00:00.000Z',
  ...given,
});
const judge = (marks: readonly BenignMark[], found: readonly DriftFinding[] = [finding(breach)]) =>
  excused(found, marks, WEEK);

describe('TR7: a finding that a person marked benign', () => {
  test('neither breaches nor warns, and says whose word that is', () => {
    const [excusedOne] = judge([mark()]);
    expect(read(excusedOne)).toEqual(['pass', 'none', 'benign']);
    expect(excusedOne?.sentence).toBe('fine Benign until 2001-05-01, says ana@example: summer timetable.');
    expect(judge([mark()], [finding({ level: 'warn', reason: 'warning' })]).map(read)).toEqual([
      ['pass', 'none', 'benign'],
    ]);
  });

  test('leaves the verdict steady, and its sentence among the reasons', () => {
    const verdict = decideDrift(judge([mark()]), { share: 0.3, window: WEEK });
    expect(verdict.verdict).toBe('steady');
    expect(verdict.reasons).toEqual(['fine Benign until 2001-05-01, says ana@example: summer timetable.']);
  });

  test.each([
    ['after its day', [mark({ until: '2001-04-30T23:59:59.999Z' })]],
    ['of another column', [mark({ column: 'hour' })]],
    ['of another kind', [mark({ kind: 'prediction' })]],
    ['without any mark', []],
    [
      'once a later mark has ended it',
      [mark(), mark({ at: '2001-04-21T09:00:00.000Z', until: '2001-04-21T00:00:00Z' })],
    ],
  ])('counts again %s', (_, marks) => {
    expect(judge(marks).map(read)).toEqual([['fail', 'breach', 'breach']]);
  });

  test('is never one that could not be judged', () => {
    const unjudged = finding({ judged: 'inconclusive', level: 'none', reason: 'too-few-rows' });
    expect(judge([mark()], [unjudged])).toEqual([unjudged]);
  });
});
