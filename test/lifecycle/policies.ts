import { digestOf } from '../../activities/artifact.ts';
import { policySchema } from '../../scorecards/policy/schema.ts';
import type { PolicyInput } from '../../scorecards/policy/schema.ts';
import { scorecardSchema } from '../../scorecards/scorecard-schema.ts';
import type { AppliedPolicy } from '../../scorecards/trigger.ts';

export const OWNER = 'ana@example';

/**
 * The YAML of a policy over the data of `writeDays`: the lines of its `spec` and of its `data`, as YAML by their keys. Without
 * others it trains by `train` and has the scorecard of a classification.
 */
export function policyText(
  model: string,
  spec: Readonly<Record<string, string>>,
  data: Readonly<Record<string, string>> = { features: '[{ name: x, type: continuous }]' },
): string {
  const small = { training: '{ command: [train] }', scorecard: '{ extends: classification }' };
  return `apiVersion: understudy/v1
kind: ModelPolicy
metadata: { name: ${model}, owner: ${OWNER} }
spec:
  data:
    observations: { path: data/observations/day=*/*.parquet, time: seen, id: id }
    labels: { path: data/labels/day=*/*.parquet, id: id, label: y, availableAt: known_at }
${yamlLines(data, 4)}${yamlLines({ ...small, ...spec }, 2)}`;
}

const yamlLines = (lines: Readonly<Record<string, string>>, indent: number): string =>
  Object.entries(lines)
    .map(([key, value]) => `${' '.repeat(indent)}${key}: ${value}\n`)
    .join('');

/** A policy whose waits are real-time short but for the approval, in which tests skip days. */
export function applied(model: string, folder: string, change: Partial<PolicyInput['spec']> = {}): AppliedPolicy {
  const policy = policySchema.parse({
    apiVersion: 'understudy/v1',
    kind: 'ModelPolicy',
    metadata: { name: model, owner: OWNER },
    spec: {
      data: {
        observations: { path: 'data/observations/day=*/*.parquet', time: 'seen', id: 'id' },
        labels: { path: 'data/labels/day=*/*.parquet', id: 'id', label: 'y', availableAt: 'known_at' },
        features: [{ name: 'x', type: 'continuous' }],
        slices: ['g'],
      },
      triggers: { cooldown: '24h', maxRunsPerWeek: 20 },
      drift: { window: '2d', persistence: { windows: 1, of: 1 }, minimum: 100 },
      dataset: { train: '5d', atLeast: '3d', holdout: '2d', checks: { minRows: 100 } },
      training: { command: ['train'], deadline: '1m', retries: 0, lockfile: 'requirements.lock' },
      scorecard: './scorecard.yaml',
      shadow: { atLeast: 20, within: '10s' },
      ...change,
    },
  });
  const scorecard = scorecardSchema.parse({
    apiVersion: 'understudy/v1',
    kind: 'Scorecard',
    metadata: { name: model },
    spec: {
      signedOffBy: ['lead@example'],
      operatingPoint: { top: '40%' },
      criteria: [
        {
          name: 'cost',
          group: 'business',
          metric: 'cost',
          falseNegative: 1,
          falsePositive: 1,
          atMost: 0.45,
          minimum: 50,
        },
        {
          name: 'ranking',
          group: 'quality',
          metric: 'auc',
          atLeast: 0.6,
          versusChampion: { noWorseBy: 0.05 },
          minimum: 50,
        },
        {
          name: 'tail',
          group: 'latency',
          metric: 'p99',
          atMost: '5s',
          minimum: 10,
          load: { rate: '500/s', for: '1s' },
        },
        { name: 'artifact', group: 'size', metric: 'bytes', atMost: '1MB', minimum: 1 },
      ],
    },
  });
  return {
    policy,
    scorecard,
    policyDigest: digestOf(policy),
    scorecardDigest: digestOf(scorecard),
    folder,
    appliedBy: 'test',
    appliedAt: '2001-01-01T00:00:00.000Z',
  };
}

/** The same with servers behind a gateway; looks every 100 ms. */
export function served(model: string, folder: string, change: Partial<PolicyInput['spec']> = {}): AppliedPolicy {
  return applied(model, folder, {
    serving: { command: ['serve'] },
    traffic: { gateway: 'traefik-file', route: model },
    rollout: {
      steps: [5, 50],
      stepAtLeast: '200ms',
      stepAtMost: '20s',
      soak: '500ms',
      look: '100ms',
      lease: '2s',
      soakLease: '2s',
    },
    ...change,
  });
}
