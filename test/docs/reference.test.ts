import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { CAPABILITIES, coveragePage, findProofs, proofsIn } from '../../infra/docs/coverage-page.ts';
import { pages } from '../../infra/docs/pages.ts';
import { packageRoot } from '../../infra/package-root.ts';
import { STAGES, OUTCOMES } from '../../scorecards/vocabulary.ts';

const root = packageRoot();
const written = (file: string) =>
  existsSync(path.join(root, file)) ? readFileSync(path.join(root, file), 'utf8') : '';

describe('the reference', () => {
  test.each(pages(root).map(({ path: file, text }) => [file, text]))(
    '%s says what the code says: npm run docs',
    (file, text) => {
      expect(written(file)).toBe(text);
    },
  );

  test('has no page that nothing makes any more', () => {
    const claiming = readdirSync(path.join(root, 'docs'))
      .map((name) => `docs/${name}`)
      .filter((file) => written(file).startsWith('<!-- Generated from'));
    expect(claiming.toSorted()).toEqual(
      pages(root)
        .map((page) => page.path)
        .toSorted(),
    );
  });

  test('and the words of the README are those of the code', () => {
    const readme = written('README.md');
    expect([...STAGES, ...OUTCOMES].filter((word) => !readme.includes(word))).toEqual([]);
  });
});

describe('coverage', () => {
  test('is read from the titles of tests, also from those with several ids', () => {
    const source =
      "test('N1, TR3: a \\'quoted\\' title', () => {});\ntest.each([1])(`EV1: %s`, () => {});\ntest('no id: here');";
    expect(proofsIn('test/a.test.ts', source)).toEqual([
      { ids: ['N1', 'TR3'], title: "a 'quoted' title", file: 'test/a.test.ts' },
      { ids: ['EV1'], title: '%s', file: 'test/a.test.ts' },
    ]);
  });

  test('says so when a capability has no test', () => {
    expect(coveragePage([]).text.match(/\*\*missing\*\*/g)).toHaveLength(Object.keys(CAPABILITIES).length);
  });

  test('every promised capability has a test', () => {
    const proved = new Set(findProofs(root).flatMap(({ ids }) => ids));
    expect(Object.keys(CAPABILITIES).filter((id) => !proved.has(id))).toEqual([]);
  });
});
