import type { CandidateFinding } from '../../scorecards/candidate/verdict.ts';
import { sliceText } from '../../scorecards/parts.ts';
import type { Judgement } from './told.ts';

interface TestCase {
  readonly name: string;
  readonly classname: string;
  readonly outcome?: { readonly as: 'failure' | 'error' | 'skipped'; readonly type?: string; readonly message: string };
}

/**
 * A judgement as JUnit XML, which CI systems show: one test case for each finding, what fails as `failure`, what is inconclusive
 * or missing as `error` (nothing was shown), what does not apply, as without a champion, as `skipped`. Times are 0: nothing was timed,
 * and the same judgement gives the same bytes.
 */
export function renderJunit({ scorecard, verdict }: Pick<Judgement, 'scorecard' | 'verdict'>): string {
  const suite = `scorecard ${scorecard.metadata.name}`;
  const judged = verdict.findings.map((finding) => caseOf(finding, suite));
  const names = new Set(verdict.findings.map(({ criterion }) => criterion));
  const skipped = scorecard.spec.criteria
    .filter(({ name }) => !names.has(name))
    .map(({ group, name }): TestCase => {
      const message = whyNot(name, verdict);
      return { name, classname: `${suite}.${group}`, outcome: { as: 'skipped', message } };
    });
  const cases = [...judged, ...skipped];
  const count = (as: string) => cases.filter(({ outcome }) => outcome?.as === as).length;
  const counts = { tests: cases.length, failures: count('failure'), errors: count('error') };
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${attributes({ name: suite, ...counts, time: 0 })}>`,
    `  <testsuite${attributes({ name: suite, ...counts, skipped: count('skipped'), time: 0 })}>`,
    ...cases.map(caseLines),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

/** As the verdict says it. */
function whyNot(name: string, { notApplicable }: Judgement['verdict']): string {
  const start = `${name}: `;
  return notApplicable.find((text) => text.startsWith(start))?.slice(start.length) ?? 'nothing of it was judged';
}

function caseOf({ criterion, group, judged, sentence, slice }: CandidateFinding, suite: string): TestCase {
  const name = slice === null ? criterion : `${criterion} (${sliceText(slice)})`;
  const known = { name, classname: `${suite}.${group}` };
  if (judged === 'pass') return known;
  return { ...known, outcome: { as: judged === 'fail' ? 'failure' : 'error', type: judged, message: sentence } };
}

function caseLines({ classname, name, outcome }: TestCase): string {
  const open = `    <testcase${attributes({ name, classname, time: 0 })}`;
  if (outcome === undefined) return `${open}/>`;
  const { as, message, type } = outcome;
  const said = attributes({ message, ...(type === undefined ? {} : { type }) });
  return `${open}>\n      <${as}${said}${as === 'skipped' ? '/>' : `>${xmlText(message)}</${as}>`}\n    </testcase>`;
}

const attributes = (values: Readonly<Record<string, string | number>>): string =>
  Object.entries(values)
    .map(([name, value]) => ` ${name}="${xmlText(String(value))}"`)
    .join('');

/** Characters that XML 1.0 has no form for, not even as a reference. */
const NOT_XML = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;
const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  // An attribute would turn them into blanks.
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};

function xmlText(text: string): string {
  return text
    .replaceAll(NOT_XML, '\ufffd')
    .replaceAll(/[&<>"\t\n\r]/g, (character) => ENTITIES[character] ?? character);
}
