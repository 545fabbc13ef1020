import { describe, expect, test } from '@jest/globals';
import { renderTable } from '../../clients/table.ts';

const RUN = 'retrain/flights-late/20010313T060000Z-schedule';
const WHY = 'Ranking (auc) fell by 0.0060 against the champion, a loss of at most 0.002 is allowed.';
const table = { head: ['DECIDED', 'OUTCOME', 'RUN', 'REASON'], rows: [['2001-03-13T06:00Z', 'rejected', RUN, WHY]] };
const linesAt = (columns: number | undefined) => renderTable(table, columns).split('\n');

describe('a table in a terminal', () => {
  test('of 80 columns has a last column without room on a line of its own', () => {
    expect(linesAt(80)).toEqual([
      'DECIDED            OUTCOME   RUN',
      '    REASON',
      `2001-03-13T06:00Z  rejected  ${RUN}`,
      '    Ranking (auc) fell by 0.0060 against the champion, a loss of at most 0.002 …',
    ]);
  });

  test('that has room for a part of it keeps one line for a row, cut at the edge', () => {
    expect(linesAt(100)).toHaveLength(2);
    expect(linesAt(100)[1]).toBe(`2001-03-13T06:00Z  rejected  ${RUN}  Ranking (auc) fell by …`);
    expect(linesAt(200)[1]).toBe(`2001-03-13T06:00Z  rejected  ${RUN}  ${WHY}`);
  });

  test('too narrow for the other columns is cut, and none at all is separated by tabs', () => {
    expect(linesAt(40)[1]).toBe('2001-03-13T06:00Z  rejected  retrain/fl…');
    expect(linesAt(undefined)[1]).toBe(['2001-03-13T06:00Z', 'rejected', RUN, WHY].join('\t'));
  });
});
