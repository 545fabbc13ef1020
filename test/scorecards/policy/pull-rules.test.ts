import { expect, test } from '@jest/globals';
import { readPolicy } from '../../../scorecards/diagnostics/read.ts';
import { SMALLEST } from '../diagnostics/policy-texts.ts';

const DIGEST = 'a'.repeat(64);

/** The errors of a policy with this `data.pull`; `s3` makes objects of one of its paths. */
function errorsOf(pull: string, s3 = 'nothing'): readonly string[] {
  const policy = SMALLEST.replace(`${s3}: { path: `, `${s3}: { path: s3://lake/`);
  const text = policy.replace('  data:\n', `  data:\n    pull: ${pull}\n`);
  const { diagnostics } = readPolicy(text, 'policy.yaml', { presets: {} });
  return diagnostics.filter(({ severity, code }) => severity === 'error' && code !== 'US0110').map(({ code }) => code);
}

test.each([
  ['a query', '{ sql: ./pull.sql }', []],
  ['a program', '{ command: [python, pull.py] }', []],
  ['a program in a pinned image', `{ command: [pull], image: "registry.example/pull@sha256:${DIGEST}" }`, []],
  [
    'a program in an image that may be another tomorrow',
    '{ command: [pull], image: "registry.example/pull:1" }',
    ['US0217'],
  ],
  ['a query in an image', `{ sql: ./pull.sql, image: "registry.example/pull@sha256:${DIGEST}" }`, ['US0226']],
  ['both a query and a program', '{ sql: ./pull.sql, command: [pull] }', ['US0226']],
  ['neither', '{ deadline: 1h }', ['US0226']],
  ['a program without a name', '{ command: [""] }', ['US0107']],
])('data are pulled by %s: %j → %j', (_, pull, codes) => {
  expect(errorsOf(pull)).toEqual(codes);
});

test.each([
  ['observations', '{ sql: ./pull.sql }', ['US0226']],
  ['observations', '{ command: [pull] }', ['US0226']],
  ['labels', '{ command: [pull] }', ['US0226']],
  ['labels', '{ sql: ./pull.sql }', []],
])('%s that are objects cannot be written by a pull: %s → %j', (part, pull, codes) => {
  expect(errorsOf(pull, part)).toEqual(codes);
});
