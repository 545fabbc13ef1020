import { describe, expect, test } from '@jest/globals';
import { readPolicy } from '../../../scorecards/diagnostics/read.ts';
import { catalogue } from '../../../scorecards/policy/catalogue.ts';
import { PRESETS, SMALLEST } from '../diagnostics/policy-texts.ts';

const readTraining = (fields: string) =>
  readPolicy(SMALLEST.replace('train.py] }', `train.py], ${fields} }`), 'policy.yaml', { presets: PRESETS });
const codes = (fields: string) =>
  readTraining(fields)
    .diagnostics.filter(({ path }) => path.startsWith('spec.training'))
    .map(({ code, severity, path }) => [code, severity, path]);

describe('what a training asks of a cluster', () => {
  test.each([
    ['resources: { gpu: 1 }', 'spec.training.resources.gpu'],
    ['resources: { gpu: { anyOf: [{ count: 1 }] } }', 'spec.training.resources.gpu'],
    ['resources: { sharedMemory: 1Gi }', 'spec.training.resources.sharedMemory'],
    ['nodes: 2', 'spec.training.nodes'],
    ['queue: gpu-a', 'spec.training.queue'],
    ['priorityClass: research', 'spec.training.priorityClass'],
    ['queueDeadline: 20m', 'spec.training.queueDeadline'],
  ])('has no effect on a process, and %s says so', (fields, field) => {
    expect(codes(fields)).toEqual([['US0216', 'warning', field]]);
  });

  test('is not warned of when no GPU is asked for', () => {
    expect(codes('resources: { gpu: 0 }')).toEqual([]);
  });

  test.each([
    ['gpu: -1', 'US0106', 'spec.training.resources.gpu'],
    ['gpu: { anyOf: [] }', 'US0108', 'spec.training.resources.gpu.anyOf'],
    ['gpu: { anyOf: [{ resorce: x }] }', 'US0102', 'spec.training.resources.gpu.anyOf[0].resorce'],
    ['gpu: { anyOf: [{ count: 0 }] }', 'US0106', 'spec.training.resources.gpu.anyOf[0].count'],
  ])('is refused at the very field that is wrong: %s', (resources, code, field) => {
    expect(codes(`resources: { ${resources} }`)).toEqual([[code, 'error', field]]);
  });

  test('shows in the catalogue as a number or a group', () => {
    expect(catalogue().get('spec.training.resources.gpu')?.type).toBe('whole number or group');
    expect(catalogue().get('spec.training.resources.gpu.anyOf[].queueDeadline')?.type).toBe('duration');
  });
});
