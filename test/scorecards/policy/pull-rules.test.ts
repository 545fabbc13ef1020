import { expect, test } from '@jest/globals';
import { readPolicy } from '../../../scorecards/diagnostics/read.ts';
import { SMALLEST } from '../diagnostics/policy-texts.ts';

const DIGEST = 'a'.repeat(64);

/** The errors of a policy with this `data.pull`. */
function errorsOf(pull: string): readonly string[] {
  const text = SMALLEST.replace('  data:\n', `  data:\n    pull: ${pull}\n`);
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
