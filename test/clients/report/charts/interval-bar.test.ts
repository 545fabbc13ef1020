import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { intervalBar } from '../../../../clients/report/charts/interval-bar.ts';
import type { HeldBound } from '../../../../scorecards/candidate/bounds.ts';

const SHARE = { factor: 1, suffix: '' };
const bound = (limit: number, more: Partial<HeldBound> = {}): HeldBound => ({
  kind: 'atLeast',
  asked: limit,
  limit,
  direction: 'atLeast',
  found: { value: 0.7, low: 0.68, high: 0.72 },
  state: 'holds',
  ...more,
});
const placeOf = (svg: string, pattern: RegExp): number => Number(pattern.exec(svg)?.[1]);
const DOT = /<circle class="qp[^"]*" cx="([\d.-]+)"/;
const LIMIT = /<path class="qb" d="M([\d.-]+) /;

describe('an interval against its bound', () => {
  test('what is asked for at least lies left of what holds, and the left is hatched', () => {
    const svg = intervalBar({ bounds: [bound(0.66)], isChange: false, unit: SHARE });
    expect(placeOf(svg, LIMIT)).toBeLessThan(placeOf(svg, DOT));
    expect(placeOf(svg, /<path class="qz" d="M([\d.]+)/)).toBe(0);
    expect(svg).toContain('≥ 0.66');
  });

  test('what is asked for at most lies right of what holds, and the right is hatched', () => {
    const svg = intervalBar({ bounds: [bound(0.9, { direction: 'atMost' })], isChange: false, unit: SHARE });
    expect(placeOf(svg, LIMIT)).toBeGreaterThan(placeOf(svg, DOT));
    expect(placeOf(svg, /<path class="qz" d="M([\d.]+)/)).toBe(placeOf(svg, LIMIT));
    expect(svg).toContain('≤ 0.9');
  });

  test.each([
    ['holds', '<circle class="qp" '],
    ['unsure', '<circle class="qp qu" '],
    ['violated', '<path class="qv" '],
  ] as const)('%s has a shape of its own', (state, shape) => {
    expect(intervalBar({ bounds: [bound(0.66, { state })], isChange: false, unit: SHARE })).toContain(shape);
  });

  test('of two bounds both are drawn, and the worse one decides the shape', () => {
    const bounds = [bound(0.66), bound(0.69, { direction: 'atMost', state: 'violated' })] as const;
    const svg = intervalBar({ bounds, isChange: false, unit: SHARE });
    expect(svg.match(/≥ 0\.66|≤ 0\.69/g)).toHaveLength(2);
    expect(svg).toContain('class="qv"');
  });

  test('a difference has a line at zero, where the champion is', () => {
    const held = bound(-0.002, { kind: 'noWorseBy', found: { value: 0.01, low: -0.001, high: 0.02 } });
    const svg = intervalBar({ bounds: [held], champion: 0, isChange: true, unit: SHARE });
    expect(placeOf(svg, /<path class="q0" d="M([\d.]+)/)).toBe(placeOf(svg, /<path class="qc" d="M([\d.]+)/));
    expect(svg).toContain('Δ ≥ −0.002');
  });

  test('whatever the numbers are, everything lies inside of the picture and nothing is NaN', () => {
    const number = fc.double({ min: -1e9, max: 1e9, noNaN: true });
    const numbers = fc.tuple(number, number, number, number, number);
    fc.assert(
      fc.property(numbers, ([a, b, c, limit, champion]) => {
        const [low, value, high] = [a, b, c].toSorted((x, y) => x - y) as [number, number, number];
        const held = bound(limit, { found: { low, value, high } });
        const svg = intervalBar({ bounds: [held], champion, isChange: false, unit: SHARE });
        const places = [DOT, LIMIT, /<path class="qc" d="M([\d.-]+)/].map((pattern) => placeOf(svg, pattern));
        expect(Math.min(...places)).toBeGreaterThanOrEqual(0);
        expect(Math.max(...places)).toBeLessThanOrEqual(240);
        expect(svg).not.toMatch(/NaN|Infinity|l-/);
      }),
    );
  });
});
