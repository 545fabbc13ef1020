import { describe, expect, test } from '@jest/globals';
import { featuresOf } from '../../scorecards/features.ts';
import { policySchema } from '../../scorecards/policy/schema.ts';

const columns = [
  { name: 'customer', type: 'VARCHAR' },
  { name: 'at', type: 'TIMESTAMP' },
  { name: 'visits', type: 'BIGINT' },
  { name: 'spend', type: 'DECIMAL(18,3)' },
  { name: 'country', type: 'VARCHAR' },
  { name: 'segment', type: 'VARCHAR' },
  { name: 'last_seen', type: 'TIMESTAMP' },
  { name: 'basket', type: 'VARCHAR[]' },
  { name: 'churned', type: 'INTEGER' },
  { name: 'known_at', type: 'TIMESTAMP' },
];

function policy(features?: readonly { readonly name: string; readonly type: 'continuous' }[]) {
  return policySchema.parse({
    apiVersion: 'understudy/v1',
    kind: 'ModelPolicy',
    metadata: { name: 'churn', owner: 'you@example.org' },
    spec: {
      data: {
        observations: { path: 'data/day=*/*.parquet', time: 'at', id: 'customer' },
        labels: { path: 'data/day=*/*.parquet', id: 'customer', label: 'churned', availableAt: 'known_at' },
        slices: ['segment'],
        ...(features === undefined ? {} : { features }),
      },
      training: { command: ['train'] },
      scorecard: { extends: 'classification' },
    },
  });
}

describe('the features of a policy', () => {
  // It handed the label of files that hold both to the trainer.
  test('that names none are the columns without a role; the label and when it was known have one', () => {
    const found = featuresOf(policy(), columns).map(({ name, type }) => [name, type]);
    expect(found).toEqual([
      ['visits', 'continuous'],
      ['spend', 'continuous'],
      ['country', 'categorical'],
    ]);
  });

  test('DA5, DA9: neither the mark of a surrogate label nor the KPI becomes one', () => {
    const plain = policy();
    const { data } = plain.spec;
    const watched = policySchema.parse({
      apiVersion: plain.apiVersion,
      kind: plain.kind,
      metadata: plain.metadata,
      spec: {
        data: {
          observations: { ...data.observations, score: 'score' },
          labels: {
            path: 'l/day=*/*.parquet',
            id: 'customer',
            label: 'churned',
            availableAt: 'known_at',
            surrogate: 'country',
          },
        },
        drift: { kpi: { name: 'revenue', column: 'spend' } },
        training: { command: ['train'] },
        scorecard: { extends: 'classification' },
      },
    });
    expect(featuresOf(watched, columns).map(({ name }) => name)).toEqual(['visits', 'segment']);
  });

  test('that names some are exactly those', () => {
    const found = featuresOf(policy([{ name: 'spend', type: 'continuous' }]), columns).map(({ name }) => name);
    expect(found).toEqual(['spend']);
  });

  test('GV10: that names none are columns of `dataset.columns`, where the policy has such a list', () => {
    const all = policy();
    const dataset = { ...all.spec.dataset, columns: ['country', 'segment'] };
    const found = featuresOf({ ...all, spec: { ...all.spec, dataset } }, columns).map(({ name }) => name);
    expect(found).toEqual(['country']);
  });
});
