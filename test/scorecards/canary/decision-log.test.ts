import { describe, expect, test } from '@jest/globals';
import { replayLooks } from '../../../scorecards/canary/decision-log.ts';
import type { LookLine } from '../../../scorecards/canary/decision-log.ts';
import { heldBy, openPhase, takeLook } from '../../../scorecards/canary/judge.ts';
import type { CanaryPlan } from '../../../scorecards/canary/verdict.ts';
import { present } from '../../present.ts';
import { eventLook, stepWith } from './event-phases.ts';
import type { Seen } from './event-phases.ts';
import { SOAK, START, times } from './phases.ts';

const STEP = {
  ...stepWith([{ name: 'rebooked', kind: 'guardrail', slices: ['mon'] }]),
  restartLooks: 2880,
  lambda: 1 / 3,
};
const FINE: Seen = { rebooked: [15, 50, 285, 950] };
const WORSE: Seen = { rebooked: [40, 50, 285, 950] };

/** A log as a watch writes it and a reader finds it. */
function logOf(phase: string, plan: CanaryPlan, looks: readonly (Seen | 'missed')[]): LookLine[] {
  let state = openPhase(plan, START);
  const lines = looks.map((seen, index): LookLine => {
    const look = eventLook(seen, index);
    const judged = takeLook(plan, state, look);
    state = judged.state;
    const opened = index === 0 ? { opened: { plan, startedAt: START } } : {};
    return { phase, number: index + 1, look, verdict: judged.verdict, ...opened };
  });
  return JSON.parse(JSON.stringify(lines));
}

const LINES = [
  ...logOf('step-5', STEP, [FINE, 'missed', {}, ...times(30, FINE)]),
  ...logOf('soak', SOAK, [...times(9, FINE), 'missed']),
  ...logOf('step-25', { ...STEP, percent: 25 }, [FINE, WORSE, WORSE, WORSE, WORSE, FINE]),
];

function changed(index: number, change: Partial<LookLine>): LookLine[] {
  return LINES.map((line, at) => (at === index ? { ...line, ...change } : line));
}

describe('judging a decision log again', () => {
  test('gives every verdict again, to the last bit', () => {
    expect(LINES.map(({ verdict }) => verdict.word)).toStrictEqual(expect.arrayContaining(['wait', 'rollback']));
    expect(replayLooks(LINES)).toStrictEqual({ kind: 'same', phases: 3, looks: 49 });
  });

  test('a log without a line is the same', () => {
    expect(replayLooks([])).toStrictEqual({ kind: 'same', phases: 0, looks: 0 });
  });

  test('names the first verdict that is another, be it in the last bit', () => {
    const { verdict } = present(LINES[7]);
    const logged = { ...verdict, evidence: { ...verdict.evidence, harm: verdict.evidence.harm * (1 + 2 ** -52) } };
    expect(replayLooks(changed(7, { verdict: logged }))).toStrictEqual({
      kind: 'different',
      phase: 'step-5',
      number: 8,
      logged,
      judged: verdict,
    });
  });

  test('counts that were edited show in a later verdict if not in their own', () => {
    const line = present(LINES[3]);
    expect(replayLooks(changed(3, { look: eventLook({ rebooked: [0, 50, 285, 950] }, 3) }))).toMatchObject({
      kind: 'different',
      number: line.number,
    });
  });

  test("a phase that was held for somebody else's weights is held again, and harm is harm all the same", () => {
    const held = logOf('step-5', STEP, times(2, FINE)).map((line) => ({
      ...line,
      foreign: 'edited by hand',
      verdict: heldBy(line.verdict, 'edited by hand'),
    }));
    expect(held.map(({ verdict }) => verdict.word)).toStrictEqual(['freeze', 'freeze']);
    expect(replayLooks(held).kind).toBe('same');
    const harmed = logOf('step-5', STEP, times(9, WORSE)).map((line) => ({
      ...line,
      foreign: 'edited by hand',
      verdict: heldBy(line.verdict, 'edited by hand'),
    }));
    expect(harmed.at(-1)?.verdict.word).toBe('rollback');
    expect(replayLooks(harmed).kind).toBe('same');
  });

  test.each([
    ['a line that is missing', LINES.toSpliced(4, 1), 'look 5 of step-5 was expected'],
    ['a phase without its first line', LINES.slice(2), 'its first line is not in the log'],
    [
      'a first line without its plan',
      LINES.map(({ opened: _opened, ...line }) => line),
      'its first line does not say with which plan it was judged',
    ],
  ])('%s makes the log incomplete', (_title, lines, why) => {
    expect(replayLooks(lines)).toMatchObject({ kind: 'incomplete', why });
  });
});
