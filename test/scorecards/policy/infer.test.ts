import { describe, expect, test } from '@jest/globals';
import { hasErrors } from '../../../scorecards/diagnostics/diagnostic.ts';
import { readPolicy } from '../../../scorecards/diagnostics/read.ts';
import { inferFeatures, inferRoles, kindOf, ROLES, writeFirstPolicy } from '../../../scorecards/policy/infer.ts';
import type { Column, Guess, Role } from '../../../scorecards/policy/infer.ts';
import { PRESETS } from '../diagnostics/policy-texts.ts';

const columns = (text: string): Column[] =>
  text.split(', ').map((one) => ({ name: one.split(' ')[0] ?? '', type: one.split(' ')[1] ?? '' }));

function chosen(guesses: Readonly<Record<Role, Guess>>): Record<string, string | undefined> {
  return Object.fromEntries(ROLES.map((role) => [role, guesses[role].column]));
}

describe('guessing what a column is for', () => {
  test('with labels in files of their own', () => {
    const observations = columns(
      'customer BIGINT, at TIMESTAMP, age INTEGER, plan VARCHAR, score DOUBLE, model_version VARCHAR',
    );
    const labels = columns('customer BIGINT, churned BOOLEAN, known_at TIMESTAMP');
    expect(chosen(inferRoles(observations, labels))).toEqual({
      time: 'at',
      id: 'customer',
      label: 'churned',
      availableAt: 'known_at',
      score: 'score',
      modelVersion: 'model_version',
    });
  });

  test('with labels beside the observations', () => {
    const all = columns('request_id VARCHAR, ts TIMESTAMP, amount DOUBLE, label INTEGER, labeled_at TIMESTAMP');
    expect(chosen(inferRoles(all, all))).toMatchObject({
      time: 'ts',
      id: 'request_id',
      label: 'label',
      availableAt: 'labeled_at',
      score: undefined,
    });
  });

  test('leaves open what two columns might be, and names both', () => {
    const observations = columns('customer_id BIGINT, order_id BIGINT, at TIMESTAMP');
    const { id } = inferRoles(observations, columns('label BOOLEAN, known_at TIMESTAMP'));
    expect(id).toEqual({ candidates: ['customer_id', 'order_id'] });
  });

  test('never gives one column two parts', () => {
    const one = columns('t TIMESTAMP');
    const parts = Object.values(chosen(inferRoles(one, one))).filter((column) => column !== undefined);
    expect(new Set(parts).size).toBe(parts.length);
  });
});

test.each([
  ['INTEGER', 'continuous'],
  ['DECIMAL(18,3)', 'continuous'],
  ['UBIGINT', 'continuous'],
  ['VARCHAR', 'categorical'],
  ["ENUM('a', 'b')", 'categorical'],
  ['BOOLEAN', 'categorical'],
  ['TIMESTAMP WITH TIME ZONE', 'time'],
  ['DATE', 'time'],
  ['DOUBLE[]', 'other'],
  ['STRUCT(a INTEGER)', 'other'],
  ['BLOB', 'other'],
  ['INTERVAL', 'other'],
])('a column of DuckDB type %s is %s', (type, kind) => {
  expect(kindOf(type)).toBe(kind);
});

test('features are the comparable columns without a part', () => {
  const all = columns('id BIGINT, at TIMESTAMP, age INTEGER, plan VARCHAR, vector DOUBLE[]');
  expect(inferFeatures(all, new Set(['id']))).toEqual([
    { name: 'age', type: 'continuous' },
    { name: 'plan', type: 'categorical' },
  ]);
});

test('a first policy has under 15 lines and is valid, whatever the columns are called', () => {
  const text = writeFirstPolicy({
    name: 'churn',
    owner: 'ann: "on" call',
    data: 'data/day=*/*.parquet',
    labels: '*.parquet',
    train: ['python', 'train me.py', '--note', '#1: "a"'],
    preset: 'classification',
    columns: { time: 'yes', id: 'kunde nr', label: 'null', availableAt: '日付', score: '0x1F' },
    schema: 'policy.json',
  });
  const { policy, diagnostics } = readPolicy(text, 'policy.yaml', { presets: PRESETS });
  expect(hasErrors(diagnostics)).toBe(false);
  expect(text.trim().split('\n').length).toBeLessThan(15);
  expect(policy?.metadata.owner).toBe('ann: "on" call');
  expect(policy?.spec.training.command).toEqual(['python', 'train me.py', '--note', '#1: "a"']);
  expect(policy?.spec.data.labels).toMatchObject({ path: '*.parquet', label: 'null', availableAt: '日付' });
  expect(policy?.spec.data.observations).toMatchObject({ time: 'yes', id: 'kunde nr', score: '0x1F' });
});
