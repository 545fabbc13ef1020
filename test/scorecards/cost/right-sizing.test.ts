import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { adviseSize, adviseTraining } from '../../../scorecards/cost/right-sizing.ts';

const GIB = 1024 ** 3;

test.each([
  ['idle cores', { resource: 'cpu', requested: 8, peak: 1.9 }, ['at most 24 % of 8 CPU was used: 2.5 would do']],
  ['busy cores', { resource: 'cpu', requested: 8, peak: 7.9 }, []],
  [
    'idle memory',
    { resource: 'memory', requested: 8 * GIB, peak: GIB },
    ['at most 13 % of 8192Mi memory was used: 1280Mi would do'],
  ],
  [
    'tight memory',
    { resource: 'memory', requested: 4 * GIB, peak: 3.8 * GIB },
    ['at most 95 % of 4096Mi memory was used: ask for 4864Mi, or the next run may be killed'],
  ],
  ['memory that fits', { resource: 'memory', requested: 4 * GIB, peak: 3 * GIB }, []],
  ['idle accelerators', { resource: 'gpu', requested: 4, peak: 1.2 }, ['at most 30 % of 4 GPU was used: 2 would do']],
  ['one accelerator, which cannot be halved', { resource: 'gpu', requested: 1, peak: 0.1 }, []],
  [
    'an idle memory of an accelerator',
    { resource: 'gpuMemory', requested: 80 * GIB, peak: 4 * GIB, gpus: 1 },
    ['at most 5 % of 81920Mi GPU memory was used: a smaller GPU or MIG slice of 5120Mi would do if it is fast enough'],
  ],
  [
    'idle memories of several',
    { resource: 'gpuMemory', requested: 320 * GIB, peak: 64 * GIB, gpus: 4 },
    [
      'at most 20 % of 327680Mi GPU memory was used: fewer or smaller GPUs, 81920Mi in all, would do if they are fast enough',
    ],
  ],
  ['an accelerator whose memory is full', { resource: 'gpuMemory', requested: 80 * GIB, peak: 79 * GIB }, []],
  ['more than there is said to be', { resource: 'gpuMemory', requested: 10 * GIB, peak: 40 * GIB }, []],
  ['nothing measured', { resource: 'gpu', requested: 4, peak: 0 }, []],
  ['nothing requested', { resource: 'gpu', requested: 0, peak: 1 }, []],
] as const)('CO4: advice on %s', (_, use, advice) => {
  expect(adviseSize([use])).toEqual(advice);
});

test('CO4: what a trainer counted of itself is held against what it asked for', () => {
  const used = { seconds: 100, cpuSeconds: 30, memoryBytes: 100 * 1024 ** 2 };
  expect(adviseTraining(used, { cpuCores: 2, memoryBytes: GIB })).toEqual([
    'at most 10 % of 1024Mi memory was used: 125Mi would do',
    'on average 15 % of 2 CPU was used: 0.5 would do if its busiest moments may take longer',
  ]);
});

test('CO4: the memory of accelerators that it held is held against what they have', () => {
  const asked = { cpuCores: 2, memoryBytes: GIB, gpus: 1, gpuMemoryBytes: 9728 * 1024 ** 2 };
  expect(adviseTraining({ gpuMemoryBytes: GIB }, asked)).toEqual([
    'at most 11 % of 9728Mi GPU memory was used: a smaller GPU or MIG slice of 1280Mi would do if it is fast enough',
  ]);
  expect(adviseTraining({}, asked)).toEqual([]);
});

test.each([
  ['nothing', undefined],
  ['processor time, but not in how long', { cpuSeconds: 3 }],
  ['the memory of accelerators whose size nobody knows', { gpuMemoryBytes: GIB }],
])('CO4: a trainer that counted %s gets no advice', (_, used) => {
  expect(adviseTraining(used, { cpuCores: 2, memoryBytes: GIB })).toEqual([]);
});

test('CO4: advice is never to ask for less than was used', () => {
  const requested = 64;
  fc.assert(
    fc.property(fc.double({ min: 0.01, max: 31, noNaN: true }), (peak) => {
      const [advice] = adviseSize([{ resource: 'cpu', requested, peak }]);
      expect(Number(advice?.match(/: ([\d.]+) would do$/)?.[1])).toBeGreaterThanOrEqual(peak);
    }),
  );
});
