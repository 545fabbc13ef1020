import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Diagnostic } from '../../../scorecards/diagnostics/diagnostic.ts';
import { readPolicy, readSettings } from '../../../scorecards/diagnostics/read.ts';
import { readScorecard } from '../../../scorecards/diagnostics/read-scorecard.ts';
import { errorsWith, PRESETS, readWith, SMALLEST, warningsWith } from './policy-texts.ts';

describe('reading a policy', () => {
  test('GV7: finds all problems at once, in the order of the file', () => {
    const { diagnostics } = readWith('rolout: {}', 'shadow: { percent: 120, skip: no }', 'drift: { window: 7 }');
    const errors = diagnostics.filter(({ severity }) => severity === 'error');
    expect(errors.map(({ code, line, column }) => [code, line, column])).toEqual([
      ['US0102', 10, 3],
      ['US0106', 11, 22],
      ['US0006', 11, 33],
      ['US0104', 12, 20],
    ]);
  });

  test('judges what is between fields even while another section is malformed', () => {
    expect(errorsWith('shadow: { percent: 120 }', 'rollout: { steps: [50, 25] }')).toEqual([
      'US0106',
      'US0203',
      'US0201',
    ]);
  });

  test('does not judge a section by its defaults while it is in doubt', () => {
    expect(errorsWith('dataset: { atLeast: 60, holdout: 50d }')).toEqual(['US0104']);
    expect(warningsWith('triggers: { check: "0 6 * * *", cooldown: 24 }')).not.toContain('US0222');
  });

  test('does not miss one of serving and traffic because the other is malformed', () => {
    expect(errorsWith('serving: { command: 5 }', 'traffic: { route: churn }')).toEqual(['US0105']);
    expect(errorsWith('serving: { command: [a] }', 'traffic: { route: 5 }')).toEqual(['US0105']);
  });

  test('asks no rule while risk or tier are in doubt, since all lean on them', () => {
    expect(errorsWith('tier: gold', 'rollout: { steps: [50, 25] }')).toEqual(['US0101']);
  });

  test('marks exactly the text in question', () => {
    const { diagnostics } = readWith('rollout: { steps: [5, 250] }');
    const [found] = diagnostics.filter(({ severity }) => severity === 'error');
    expect(marked(found)).toBe('250');
    expect(found).toMatchObject({ line: 10, column: 25, length: 3, path: 'spec.rollout.steps[1]' });
  });

  test('places a problem behind an alias where the value is written', () => {
    const text = SMALLEST.replace('id: customer, score', 'id: &id 17, score').replace(
      'id: customer, label',
      'id: *id, label',
    );
    const errors = readPolicy(text, 'policy.yaml').diagnostics;
    expect(errors.map(({ code, line }) => [code, line])).toEqual([
      ['US0105', 6],
      ['US0105', 7],
    ]);
  });

  test('reads Windows line ends like others', () => {
    const { diagnostics, policy } = readPolicy(SMALLEST.replaceAll('\n', '\r\n'), 'policy.yaml');
    expect(policy?.metadata.name).toBe('churn');
    expect(diagnostics.map(({ excerpt }) => excerpt.includes('\r'))).not.toContain(true);
  });

  test('reads the same with a byte order mark', () => {
    expect(readPolicy(`\ufeff${SMALLEST}`, 'policy.yaml').policy?.metadata.name).toBe('churn');
  });
});

function marked(diagnostic: Diagnostic | undefined): string {
  return diagnostic?.excerpt.slice(diagnostic.caret, diagnostic.caret + diagnostic.length) ?? '';
}

describe('hostile input', () => {
  test('a key of 64 KB is named shortly and its line is cut', () => {
    const key = 'k'.repeat(65_536);
    const { diagnostics } = readWith(`? ${key}`, ': 1');
    const [found] = diagnostics.filter(({ code }) => code === 'US0102');
    expect(found?.message.length).toBeLessThan(100);
    expect(found?.excerpt.length).toBeLessThan(120);
    expect(found?.path.length).toBeLessThan(100);
  });

  test('a mark deep in a long line stays in the cut line', () => {
    const { diagnostics } = readWith(`shadow: { atLeast: 1000, ${' '.repeat(5000)} percent: 120 }`);
    expect(marked(diagnostics.find(({ code }) => code === 'US0106'))).toBe('120');
  });

  test('characters that act on a terminal or reorder text never reach a message', () => {
    const { diagnostics } = readWith('"\u202egnivres\u001b[31m": 1', 'risk: "\\e[2J\\u2066"');
    const said = diagnostics.map(({ message, path, help }) => [message, path, help].join(' ')).join(' ');
    expect(said).toContain('<U+202E>gnivres');
    expect(said).not.toContain('\u202e');
    expect(said).not.toContain('\u001b');
    expect(said).not.toContain('\u2066');
  });

  test.each([
    ['nested a hundred thousand deep', '['.repeat(100_000)],
    ['nested deep in a policy', `${SMALLEST}  risk: ${'{a: '.repeat(20_000)}`],
    ['of aliases that grow without bounds', billionLaughs()],
    ['with an alias that contains itself', 'a: &a { b: *a }'],
    ['over a megabyte', `a: ${'x'.repeat(2_000_000)}`],
    ['of a prototype', `${SMALLEST}  __proto__: { polluted: true }\n  constructor: 1\n`],
    ['with a list as a key', '? [a, b]\n: 1'],
    ['of NUL bytes', '\0\0\0'],
    ['with a lone surrogate', 'a: "\ud800"'],
  ])('a file %s is refused with an error', (_what, text) => {
    const { diagnostics } = readPolicy(text, 'policy.yaml', { presets: PRESETS });
    expect(diagnostics.some(({ severity }) => severity === 'error')).toBe(true);
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });
});

function liesWithin({ line, column, length, caret }: Diagnostic, lines: number): boolean {
  return line >= 1 && line <= lines && column >= 1 && length >= 1 && caret >= 0;
}

function billionLaughs(): string {
  const levels = Array.from({ length: 9 }, (_, level) => `a${level + 1}: &a${level + 1} [${`*a${level},`.repeat(9)}]`);
  return ['a0: &a0 [x]', ...levels].join('\n');
}

describe('any text', () => {
  const fragment = fc.constantFrom(
    ...SMALLEST.split(/(?<=[\s{},:[\]])/),
    '- ',
    '? ',
    '&a ',
    '*a',
    '!!int ',
    '|',
    '>',
    '"',
    "'",
    '\t',
    '010',
    '<<: ',
  );
  const mixed = fc
    .array(fc.oneof(fragment, fc.string({ unit: 'binary', maxLength: 6 })), { maxLength: 60 })
    .map((parts) => parts.join(''));

  test('never throws, and every place lies in the file', () => {
    fc.assert(
      fc.property(mixed, (text) => {
        const lines = text.split('\n').length;
        const read = [
          readPolicy(text, 'a.yaml', { presets: PRESETS }).diagnostics,
          readScorecard(text, 'a.yaml', { presets: PRESETS }).diagnostics,
          readSettings(text, 'a.yaml').diagnostics,
        ].flat();
        expect(read.filter((one) => !liesWithin(one, lines))).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  test('a valid policy with one piece cut out or doubled never throws', () => {
    const place = fc.nat(SMALLEST.length);
    fc.assert(
      fc.property(place, fc.nat(30), fc.constantFrom(0, 2), (from, length, times) => {
        const piece = SMALLEST.slice(from, from + length);
        const text = SMALLEST.slice(0, from) + piece.repeat(times) + SMALLEST.slice(from + length);
        expect(() => readPolicy(text, 'a.yaml', { presets: PRESETS })).not.toThrow();
      }),
      { numRuns: 300 },
    );
  });
});
