import { describe, expect, test } from '@jest/globals';
import { decide, noApproval } from '../../scorecards/decision.ts';
import type { ApprovalRequest } from '../../scorecards/decision.ts';
import { cutBytes, renderSheet } from '../../scorecards/run-sheet.ts';
import type { RunSheet, StageLine } from '../../scorecards/run-sheet.ts';
import { present } from '../present.ts';

const STARTED = '2001-01-10T06:00:00.000Z';
const ENDED = '2001-01-10T06:00:08.400Z';

function sheet(change: Partial<RunSheet> = {}): RunSheet {
  return {
    run: 'retrain/delays/20010110T060000Z-manual',
    model: 'delays',
    trigger: { kind: 'manual', by: 'ana@example', asOf: '2001-01-10T06:00:00Z' },
    stage: 'drift',
    weightPercent: 0,
    stages: [],
    approval: noApproval,
    links: [],
    ...change,
  };
}

function line(result: string): StageLine {
  return { stage: 'drift', state: 'done', result, startedAt: STARTED, endedAt: ENDED };
}

const request: ApprovalRequest = {
  candidate: 'c'.repeat(64),
  scorecard: '5'.repeat(64),
  approvers: ['ana@example', 'bo@example'],
  quorum: 1,
  bootstrap: false,
};

function jsonIn(markdown: string): unknown {
  return JSON.parse(present(/```json\n(?<json>.*)\n```/.exec(markdown)?.groups?.['json']));
}

describe('a text cut to bytes', () => {
  test.each(['a', 'é', '☂', '🚀'])('is at most as long as the limit, and whole characters only, made of %s', (one) => {
    const size = Buffer.byteLength(one);
    const text = one.repeat(50);
    const length = size * 50;
    for (const limit of [length - size - 1, length - 1, length, length + 1]) {
      const cut = cutBytes(text, limit);
      expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(limit);
      expect(cut.replaceAll(one, '').replace(/…$/, '')).toBe('');
    }
  });

  test.each([
    ['one byte short', 9, 'aaaaaa…'],
    ['exact', 10, 'aaaaaaaaaa'],
    ['one byte over', 11, 'aaaaaaaaaa'],
  ])('a limit that is %s', (_, limit, cut) => {
    expect(cutBytes('a'.repeat(10), limit)).toBe(cut);
  });

  test.each([
    ['between two characters', 11, 'éééé…'],
    ['inside a character', 10, 'ééé…'],
  ])('a limit %s keeps what is whole', (_, limit, cut) => {
    expect(cutBytes('é'.repeat(6), limit)).toBe(cut);
  });
});

describe('the rendered sheet', () => {
  test.each(['x', 'é', '☂', '🚀'])('never exceeds 4,000 bytes, and uses them, with results made of %s', (one) => {
    const shown = renderSheet(sheet({ stages: Array.from({ length: 8 }, () => line(one.repeat(1000))) }));
    expect(Buffer.byteLength(shown)).toBeLessThanOrEqual(4000);
    expect(Buffer.byteLength(shown)).toBeGreaterThan(3990);
    expect(shown).toMatch(/…$/);
  });

  test('is whole at exactly 4,000 bytes and cut at one more', () => {
    const rest = Buffer.byteLength(renderSheet(sheet({ stages: [line('')] })));
    const whole = renderSheet(sheet({ stages: [line('x'.repeat(4000 - rest))] }));
    const cut = renderSheet(sheet({ stages: [line('x'.repeat(4001 - rest))] }));
    expect(Buffer.byteLength(whole)).toBe(4000);
    expect(whole).toMatch(/\| 8\.4 s \|$/);
    expect(cut).toMatch(/…$/);
    expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(4000);
  });

  test.each(['a|b', 'a\nb', 'a\r\nb', '|', '\n|\n', 'a\\|b'])('a result %j stays one row of three cells', (result) => {
    const rows = renderSheet(sheet({ stages: [line(result)] }))
      .split(/\r\n|[\r\n]/)
      .filter((row) => row.includes('✔'));
    expect(rows).toHaveLength(1);
    expect(cellsOf(present(rows[0]))).toEqual(['✔ drift', expect.any(String), '8.4 s']);
  });

  test('says what serves, how it is stopped and what ended it', () => {
    const champion = { version: '3', digest: 'a'.repeat(64) };
    const challenger = { version: '4', digest: 'b'.repeat(64) };
    const during = renderSheet(sheet({ champion, challenger, weightPercent: 25 }));
    expect(during).toContain('**serves** v3 75 % · v4 25 %');
    expect(during).toContain('understudy abort retrain/delays/20010110T060000Z-manual');
    const after = renderSheet(sheet({ champion, ended: { outcome: 'rejected', reason: 'too slow', at: ENDED } }));
    expect(after).toContain('**ended** rejected: too slow');
    expect(after).not.toContain('**stop**');
  });
});

describe('what you can do now', () => {
  test.each([false, true])('is JSON that the run accepts as it stands; bootstrap: %s', (bootstrap) => {
    const approval = { ...noApproval, request: { ...request, bootstrap } };
    const { answer, state } = decide(approval, jsonIn(renderSheet(sheet({ approval }))), ENDED);
    expect(answer).toMatchObject({ answer: 'accepted', missing: 0 });
    expect(state.outcome).toBe('approved');
  });

  test('with "reject" put in, as it says, the run is rejected', () => {
    const approval = { ...noApproval, request };
    const given = { ...Object(jsonIn(renderSheet(sheet({ approval })))), decision: 'reject' };
    expect(decide(approval, given, ENDED).state.outcome).toBe('rejected');
  });

  test('survives a full sheet: long results do not cut the JSON away', () => {
    const approval = { ...noApproval, request };
    const stages = Array.from({ length: 8 }, () => line('x'.repeat(200)));
    expect(decide(approval, jsonIn(renderSheet(sheet({ approval, stages }))), ENDED).answer.answer).toBe('accepted');
  });

  test('asks nobody once the question is decided, and shows the last refusal', () => {
    const refused = [{ given: '{}', answer: 'malformed', reason: 'expected | one\nobject', at: ENDED }] as const;
    const shown = renderSheet(sheet({ approval: { ...noApproval, request, refused, outcome: 'rejected' } }));
    expect(shown).not.toContain('```json');
    expect(shown).toContain('1 refused decision(s), the last: expected \\| one object');
  });
});

/** As Markdown reads a row: a pipe after an odd number of backslashes is text. */
function cellsOf(row: string): string[] {
  const cells = row.match(/(?:\\.|[^|\\])+/g) ?? [];
  return cells.map((cell) => cell.trim()).filter((cell) => cell !== '');
}
