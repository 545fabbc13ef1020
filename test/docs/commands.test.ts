import { describe, expect, test } from '@jest/globals';
import { createProgram } from '../../clients/program.ts';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { packageRoot } from '../../infra/package-root.ts';
import { CODES } from '../../scorecards/diagnostics/codes.ts';
import { METRIC_PAGES } from '../../scorecards/metric-catalogue.ts';
import { catalogue } from '../../scorecards/policy/catalogue.ts';
import { commandLines, explained, faultIn } from './command-lines.ts';
import { writtenPages } from './pages.ts';

const program = createProgram('');

describe('the commands of a page', () => {
  const pages = writtenPages().map(({ file, text }) => [file, commandLines(text)] as const);

  test.each(pages)('%s: each is one that there is', (_, lines) => {
    expect(lines.map((line) => faultIn(program, line)).filter((fault) => fault !== undefined)).toEqual([]);
  });

  test('a command and an option that do not exist are found', () => {
    const planted = ['understudy aprove churn', 'understudy lint --flie policy.yaml'];
    expect(planted.map((line) => faultIn(program, line))).toEqual([
      'understudy aprove churn: no command aprove',
      'understudy lint --flie policy.yaml: no option --flie',
    ]);
  });

  test('what is explained can be explained', () => {
    const asked = pages.flatMap(([, lines]) => explained(lines));
    const pagesOf = [...catalogue().keys(), ...Object.keys(CODES), ...Object.keys(METRIC_PAGES)];
    const known = new Set([...pagesOf, 'FIELD', 'CODE', 'GROUP', '<what>']);
    expect(asked.filter((what) => !known.has(what))).toEqual([]);
  });

  test('npm scripts that are named exist', () => {
    const { scripts }: { scripts: Record<string, string> } = JSON.parse(
      readFileSync(path.join(packageRoot(), 'package.json'), 'utf8'),
    );
    const named = writtenPages().flatMap(({ text }) =>
      [...text.matchAll(/npm run ([\w:]+)/g)].map(([, name = '']) => name),
    );
    expect([...new Set(named)].filter((name) => scripts[name] === undefined)).toEqual([]);
  });
});

describe('the fields that the pages name', () => {
  test('are fields of a policy', () => {
    const sections = [...catalogue().keys()]
      .filter((field) => /^spec\.\w+$/.test(field))
      .map((field) => field.slice(5));
    const pattern = new RegExp(`\`((?:${sections.join('|')})\\.(?!ya?ml|ts|sql|md)[\\w.]+)\``, 'g');
    const handWritten = writtenPages().filter(({ text }) => !text.startsWith('<!-- Generated'));
    const named = handWritten.flatMap(({ text }) => [...text.matchAll(pattern)].map(([, field = '']) => field));
    expect(named.length).toBeGreaterThan(20);
    expect([...new Set(named)].filter((field) => !catalogue().has(`spec.${field}`))).toEqual([]);
  });
});
