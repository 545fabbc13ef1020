import { describe, expect, test } from '@jest/globals';
import stringWidth from 'string-width';
import { renderTree, transitions } from '../../clients/run-tree.ts';
import { renderTable } from '../../clients/table.ts';
import { noApproval } from '../../scorecards/decision.ts';
import type { RunSheet } from '../../scorecards/run-sheet.ts';

const RUN = 'retrain/flights-late/20261121T060012Z-schedule';
const at = (clock: string) => `2026-11-21T${clock}Z`;

const CANARY: RunSheet = {
  run: RUN,
  model: 'flights-late',
  trigger: { kind: 'schedule', by: 'system:schedule', asOf: at('06:00:12') },
  stage: 'rollout',
  champion: { version: '17', digest: '9f2c41'.padEnd(64, '0') },
  challenger: { version: '18', digest: '41abd0'.padEnd(64, '0') },
  weightPercent: 25,
  stages: [
    {
      stage: 'drift',
      state: 'done',
      result: 'drift: share 0.41 > 0.30',
      startedAt: at('06:00:12'),
      endedAt: at('06:00:24'),
    },
    {
      stage: 'training',
      state: 'done',
      result: 'v18, 1 attempt(s)',
      startedAt: at('06:01:00'),
      endedAt: at('06:05:00'),
    },
    {
      stage: 'shadow',
      state: 'skipped',
      result: 'skipped: risk is routine',
      startedAt: at('06:05:00'),
      endedAt: at('06:05:00'),
    },
    {
      stage: 'approval',
      state: 'done',
      result: 'approved by ana@example',
      startedAt: at('06:06:00'),
      endedAt: at('07:10:00'),
    },
    {
      stage: 'rollout',
      state: 'running',
      result: '25 %: watching 標準 and more words than this line can hold',
      startedAt: at('07:10:00'),
    },
  ],
  approval: {
    ...noApproval,
    accepted: [{ candidate: 'c', scorecard: 's', decision: 'approve', approver: 'ana@example', reason: 'good' }],
    outcome: 'approved',
  },
  next: '50 % unless the evidence says otherwise',
  links: [],
};
const OPTIONS = { color: false, columns: 80, now: Date.parse(at('07:49:00')) };

const ESCAPE = '\u001b';

describe('the tree of a run', () => {
  test('says what serves, since when, who approved, what next and how to stop it', () => {
    expect(renderTree(CANARY, OPTIONS)).toBe(`flights-late                      ▶ rollout   w 25 %
  champion    v17  sha256:9f2c41000000…
  challenger  v18  sha256:41abd0000000…
  run         retrain/flights-late/20261121T060012Z-schedule
  asked by    system:schedule (schedule, as of 2026-11-21T06:00:12Z)
  decided     approve by ana@example
  ✔ drift      drift: share 0.41 > 0.30                                    12 s
  ✔ training   v18, 1 attempt(s)                                        4 m 0 s
  · shadow     skipped: risk is routine
  ✔ approval   approved by ana@example                                 1 h 04 m
  ▶ rollout    25 %: watching 標準 and more words than this line …     39 m 0 s
  · dataset
  · scorecard
  · promotion
next: 50 % unless the evidence says otherwise
stop: understudy abort retrain/flights-late/20261121T060012Z-schedule`);
  });

  test.each([40, 60, 80, 120])('no line is wider than a terminal of %d columns', (columns) => {
    const widths = renderTree(CANARY, { ...OPTIONS, columns })
      .split('\n')
      .map((line) => stringWidth(line));
    expect(Math.max(...widths)).toBeLessThanOrEqual(columns);
  });

  test('marks the stage that refused the candidate though it did its work, and no other', () => {
    const [drift, training] = CANARY.stages;
    const stages = [drift, { ...training, stage: 'scorecard' as const, result: '11 of 14 findings pass' }];
    const ended = { outcome: 'rejected' as const, reason: 'worse', at: at('06:06:00') };
    const marksOf = (sheet: object) =>
      renderTree({ ...CANARY, stages, ...sheet } as RunSheet, { color: false, columns: 80, now: 0 }).match(
        /^ {2}[✔✖] \w+/gm,
      );
    expect(marksOf({ ended })).toEqual(['  ✔ drift', '  ✖ scorecard']);
    expect(marksOf({ ended: { ...ended, outcome: 'promoted' } })).toEqual(['  ✔ drift', '  ✔ scorecard']);
    expect(marksOf({})).toEqual(['  ✔ drift', '  ✔ scorecard']);
  });

  test('colours change no character of the text', () => {
    const colored = renderTree(CANARY, { ...OPTIONS, color: true });
    const escapes = new RegExp(`${ESCAPE}\\[\\d+m`, 'g');
    expect(colored).toMatch(escapes);
    expect(colored.replaceAll(escapes, '')).toBe(renderTree(CANARY, OPTIONS));
  });

  test('text from elsewhere cannot move the cursor', () => {
    const hostile = { ...CANARY, model: 'm\u001b[2J', next: 'x\rowned' };
    const text = renderTree(hostile, OPTIONS);
    expect([text.includes('\u001b'), text.includes('\r')]).toEqual([false, false]);
  });
});

describe('transitions', () => {
  test('the first look tells everything so far, the next one only what changed', () => {
    expect(transitions(undefined, CANARY)).toEqual([
      `2026-11-21T06:00:12Z flights-late started     run=${RUN} trigger=schedule by=system:schedule`,
      '2026-11-21T06:00:24Z flights-late drift       state=done result="drift: share 0.41 > 0.30"',
      '2026-11-21T06:05:00Z flights-late training    state=done result="v18, 1 attempt(s)"',
      '2026-11-21T06:05:00Z flights-late shadow      state=skipped result="skipped: risk is routine"',
      '2026-11-21T07:10:00Z flights-late approval    state=done result="approved by ana@example"',
      expect.stringMatching(/^2026-11-21T07:10:00Z flights-late rollout {5}state=running/),
      '2026-11-21T07:10:00Z flights-late weight      weight=0->25',
    ]);
    expect(transitions(CANARY, CANARY)).toEqual([]);
    const ended = { outcome: 'rolled-back', reason: 'harm', at: at('07:50:00') } as const;
    expect(transitions(CANARY, { ...CANARY, weightPercent: 0, ended })).toEqual([
      '2026-11-21T07:50:00Z flights-late weight      weight=25->0',
      '2026-11-21T07:50:00Z flights-late rolled-back reason="harm"',
    ]);
  });
});

describe('a table', () => {
  const table = {
    head: ['MODEL', 'STATE'],
    rows: [
      ['標準', 'idle'],
      ['late', '▶ rollout 25 %'],
    ],
  };

  test('aligns by the cells that characters fill, and cuts at the edge', () => {
    expect(renderTable(table, 16)).toBe('MODEL  STATE\n標準   idle\nlate   ▶ rollo…');
  });

  test('is tab-separated where there is no terminal', () => {
    expect(renderTable(table, undefined)).toBe('MODEL\tSTATE\n標準\tidle\nlate\t▶ rollout 25 %');
  });
});
