import { describe, expect, test } from '@jest/globals';
import { readWith } from '../diagnostics/policy-texts.ts';

const SKIPPED = 'shadow: { skip: true }';
/** Messages and cures of the rules about KServe. */
const found = (...lines: readonly string[]) =>
  readWith(...lines)
    .diagnostics.filter(({ code }) => code === 'US0229')
    .map(({ message, help }) => `${message}: ${help}`);
const serving = (more: string) => `serving: { backend: kserve, ${more} }`;
const traffic = (more = '') => `traffic: { gateway: kserve, route: churn${more} }`;
const WHERE = 'storageUri: "s3://models/{model}/{digest}"';

describe('a policy for KServe', () => {
  test('says where a version is, and skips the shadow', () => {
    expect(found(serving(WHERE), traffic(), SKIPPED)).toEqual([]);
    expect(found(serving(WHERE), traffic(', mode: standard'), SKIPPED)).toEqual([]);
  });

  test.each([
    [
      'readyWithin: 2m',
      'KServe must be told where a version is: write such as storageUri: s3://models/{model}/{digest}',
    ],
    ['storageUri: "s3://models/{model}"', expect.stringContaining('all versions are the same model')],
    [
      'storageUri: "s3://models/{run}/{version}"',
      '{run} is filled in by nobody: use {model}, {version}, {digest}, {mlflowRun}',
    ],
  ])('%s is refused: each version has a place of its own', (fields, message) => {
    expect(found(serving(fields), traffic(), SKIPPED)).toEqual([message]);
  });

  test('Knative mode is refused with the cure: nobody counts per arm there', () => {
    expect(found(serving(WHERE), traffic(', mode: knative'), SKIPPED)).toEqual([
      expect.stringMatching(/no counters per arm.*mode: standard/),
    ]);
  });

  test('a shadow is refused: nothing copies requests', () => {
    expect(found(serving(WHERE), traffic())).toEqual([expect.stringMatching(/cannot copy.*gateway: httproute/)]);
  });

  test('steps are whole percents', () => {
    expect(found(serving(WHERE), traffic(), SKIPPED, 'rollout: { steps: [0.5, 5, 12.5] }')).toEqual([
      'KServe takes whole percents, not 0.5: write 1',
      'KServe takes whole percents, not 12.5: write 13',
    ]);
  });

  test('what the InferenceService says for all versions has no effect here', () => {
    expect(found(serving(`${WHERE}, command: [serve], replicas: 2`), traffic(), SKIPPED)).toEqual([
      expect.stringContaining('command: the InferenceService says it'),
      expect.stringContaining('replicas: the InferenceService says it'),
    ]);
  });

  test("KServe's own fields are of no use elsewhere", () => {
    const lines = [`serving: { command: [serve], ${WHERE} }`, 'traffic: { route: churn, mode: standard }'];
    expect(found(...lines)).toEqual([
      expect.stringContaining('backend process does not read it'),
      expect.stringContaining('gateway traefik-file has none'),
    ]);
  });
});
