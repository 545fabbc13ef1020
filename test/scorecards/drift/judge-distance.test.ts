import { describe, expect, test } from '@jest/globals';
import { judgeDistance } from '../../../scorecards/drift/judge.ts';
import { decideDrift } from '../../../scorecards/drift/decide.ts';
import { read, criterion, WEEK } from './worlds.ts';

/** Significant and far above the noise: only the bound decides. */
const measured = (value: number) => ({
  value,
  n: { current: 84_112, baseline: 1_204_332 },
  noise: { floor: 0.029, bins: 10 },
  p: { raw: 0, adjusted: 0 },
});

describe('the bounds of one distance', () => {
  test.each([
    [0.0999, ['pass', 'none', 'within-bound']],
    [0.1, ['pass', 'warn', 'warning']],
    [0.18, ['pass', 'warn', 'warning']],
    [0.1999, ['pass', 'warn', 'warning']],
    [0.2, ['fail', 'breach', 'breach']],
    [0.2001, ['fail', 'breach', 'breach']],
  ])('N1: PSI 0.18 does not fire, 0.2 and 0.2001 do: %d', (value, expected) => {
    const found = judgeDistance(criterion(), measured(value));
    expect(read(found)).toEqual(expected);
    const { verdict } = decideDrift([found], { share: 0.3, window: WEEK });
    expect(verdict === 'drift').toBe(value >= 0.2);
  });

  test('N1: a feature with its own bound is judged by it', () => {
    expect(judgeDistance(criterion({ limit: 0.25 }), measured(0.22)).judged).toBe('pass');
  });

  test.each([
    ['below its noise floor', { ...measured(0.3), noise: { floor: 0.31, bins: 10 } }, 'below-noise'],
    ['without significance', { ...measured(0.3), p: { raw: 0.02, adjusted: 0.06 } }, 'not-significant'],
  ])('a distance %s is no drift, however large', (_, measurement, reason) => {
    expect(read(judgeDistance(criterion(), measurement))).toEqual(['pass', 'none', reason]);
  });

  test.each([
    ['breach', 0.15, ['fail', 'breach', 'held-by-hysteresis']],
    ['breach', 0.139, ['pass', 'warn', 'warning']],
    ['breach', 0.08, ['pass', 'warn', 'held-by-hysteresis']],
    ['warn', 0.08, ['pass', 'warn', 'held-by-hysteresis']],
    ['warn', 0.15, ['pass', 'warn', 'warning']],
    ['warn', 0.069, ['pass', 'none', 'within-bound']],
    ['none', 0.08, ['pass', 'none', 'within-bound']],
  ] as const)('a criterion at %s with PSI %d keeps its level until 0.7 of the bound', (prior, value, expected) => {
    expect(read(judgeDistance(criterion(), measured(value), prior))).toEqual(expected);
  });

  test('hysteresis never holds what is within noise', () => {
    const noisy = { ...measured(0.19), noise: { floor: 0.2, bins: 10 } };
    expect(read(judgeDistance(criterion(), noisy, 'breach'))).toEqual(['pass', 'none', 'below-noise']);
  });

  test.each([
    [
      0.243,
      'fare: PSI 0.243, limit 0.20 (noise floor 0.029, adjusted p < 0.001; 84,112 rows against 1,204,332). Drift.',
    ],
    [
      0.15,
      'fare: PSI 0.150, warns from 0.10, drift from 0.20 (noise floor 0.029, adjusted p < 0.001; 84,112 rows against 1,204,332).',
    ],
  ])('PSI %d reads as one sentence with its numbers', (value, sentence) => {
    expect(judgeDistance(criterion(), measured(value)).sentence).toBe(sentence);
  });
});
