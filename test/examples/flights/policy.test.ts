import { expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readPolicy } from '../../../scorecards/diagnostics/read.ts';
import { FEATURES, FLIGHTS } from './python.ts';

async function read(name: string) {
  const [text, scorecard] = await Promise.all(
    [name, 'scorecard.yaml'].map(async (file) => readFile(join(FLIGHTS, file), 'utf8')),
  );
  return readPolicy(text ?? '', name, { scorecard: { text: scorecard ?? '', file: 'scorecard.yaml' } });
}

test.each(['policy.yaml', 'policy.demo.yaml', 'policy.kubernetes.yaml'])(
  'N11: %s and its scorecard are valid and leave nothing to warn about',
  async (name) => {
    const { policy, scorecard, diagnostics } = await read(name);
    expect(diagnostics).toEqual([]);
    expect(policy?.spec.slo).toMatchObject({ availability: expect.closeTo(0.999, 9), p50: 100, p95: 200 });
    expect(policy?.spec.data.features?.map((feature) => feature.name)).toEqual(FEATURES);
    expect(new Set(scorecard?.spec.criteria.map(({ group }) => group))).toEqual(
      new Set(['business', 'quality', 'latency', 'size', 'fairness']),
    );
  },
);

test('the policy of the demo differs from the real one in waiting times and in the fault switch only', async () => {
  const [real, demo] = await Promise.all([read('policy.yaml'), read('policy.demo.yaml')]);
  expect([...differences(real.policy, demo.policy, '')].toSorted()).toEqual([
    '/spec/approval/within',
    '/spec/rollout/look',
    '/spec/rollout/soak',
    '/spec/rollout/stepAtLeast',
    '/spec/rollout/stepAtMost',
    '/spec/serving/command/2',
    '/spec/shadow/within',
  ]);
});

test('CA5: on a cluster the stages are the same, and only where trainer and server run is another', async () => {
  const [here, cluster] = await Promise.all([read('policy.yaml'), read('policy.kubernetes.yaml')]);
  expect([...differences(here.policy, cluster.policy, '')].toSorted()).toEqual([
    '/spec/serving/backend',
    '/spec/serving/command/0',
    '/spec/serving/image',
    '/spec/serving/resources/cpu',
    '/spec/serving/resources/memory',
    '/spec/traffic/gateway',
    '/spec/training/backend',
    '/spec/training/command/0',
    '/spec/training/image',
    '/spec/training/resources/cpu',
    '/spec/training/resources/gpu',
    '/spec/training/resources/memory',
  ]);
});

function differences(left: unknown, right: unknown, path: string): string[] {
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null)
    return left === right ? [] : [path];
  const names = new Set([...Object.keys(left), ...Object.keys(right)]);
  const [of, to] = [left as Record<string, unknown>, right as Record<string, unknown>];
  return [...names].flatMap((name) => differences(of[name], to[name], `${path}/${name}`));
}
