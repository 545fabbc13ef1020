import { describe, expect, test } from '@jest/globals';
import { judgeCandidate } from '../../../scorecards/candidate/judge.ts';
import type { CriterionMeasurement } from '../../../scorecards/candidate/measurement.ts';
import { measureFreshness, measureGpuHours } from '../../../scorecards/candidate/run-measurements.ts';
import { measureServingCost } from '../../../scorecards/candidate/serving-cost.ts';
import { measureTests } from '../../../scorecards/candidate/tests.ts';
import { scorecardOf } from './scorecards.ts';

const named = { name: 'c', confidence: 0.95 };
/** How a criterion is judged, and its sentence. */
const judged = (criterion: object, measurement: CriterionMeasurement) => {
  const { findings } = judgeCandidate({
    scorecard: scorecardOf({ name: 'c', group: 'quality', ...criterion }),
    measurements: [measurement],
    bootstrap: measurement.champion === undefined,
    declaredSlices: [],
    coverage: { rows: 1000, labelled: 0 },
  });
  return findings.map((finding) => [finding.judged, finding.sentence]);
};

describe('freshness', () => {
  const at = {
    asOf: '2001-01-10T00:00:00.000Z',
    begunAt: '2026-01-01T00:00:00.000Z',
    labelWatermark: '2001-01-09T12:00:00.000Z',
  };
  const trainedUntil = '2001-01-05T00:00:00.000Z';
  const measured = (judgedAt: string) => measureFreshness(named, { ...at, trainedUntil, judgedAt });

  test('DA3: a bound in days holds the age of the training rows, whatever labels there are', () => {
    const sentence =
      'C (freshness) is 5.00 d, at most 7 d was asked (training rows until 2001-01-05T00:00:00.000Z, the newest label known since ' +
      '2001-01-09T12:00:00.000Z; as of 2001-01-10T00:00:00.000Z).';
    expect(judged({ metric: 'freshness', atMost: '7d' }, measured(at.begunAt))).toEqual([['pass', sentence]]);
  });

  test('DA3: grows while a run waits, and fails', () => {
    const [finding] = judged({ metric: 'freshness', atMost: '7d' }, measured('2026-01-03T12:00:00.000Z'));
    expect(finding).toEqual(['fail', expect.stringContaining('is 7.50 d, at most 7 d was asked')]);
    expect(finding?.[1]).toContain('and 60.0 h passed since');
  });

  test('a clock that went back does not make data younger', () => {
    expect(measured('2025-01-01T00:00:00.000Z').challenger?.value).toBe(5 * 86_400_000);
  });

  test('a snapshot without an end is missing', () => {
    const measurement = measureFreshness(named, { ...at, trainedUntil: '', judgedAt: at.begunAt });
    expect(judged({ metric: 'freshness', atMost: '7d' }, measurement)).toEqual([
      ['missing', 'C (freshness) was not measured: the snapshot does not say until when it reaches.'],
    ]);
  });
});

describe('GPU-hours', () => {
  const cluster = { backend: 'kubernetes', gpuSeconds: 3600 } as const;
  const earlier = [
    { job: 'a', type: 'Evicted', sentence: '', gpuSeconds: 1800 },
    { job: 'b', type: 'Unschedulable', sentence: '' },
  ];

  test('CO1: add up all Jobs of the training, those that never ran for nothing', () => {
    const measurement = measureGpuHours(named, { challenger: { ...cluster, earlier } });
    expect(judged({ metric: 'gpuHours', atMost: 1.2 }, measurement)).toEqual([
      ['fail', 'C (gpuHours) is 1.50 h, at most 1.2 h was asked (running time × accelerators of its 3 Jobs).'],
    ]);
  });

  test('are compared with the champion’s', () => {
    const measurement = measureGpuHours(named, { challenger: { ...cluster, earlier }, champion: cluster });
    expect(judged({ metric: 'gpuHours', versusChampion: { noWorseBy: 0.5 } }, measurement)).toEqual([
      ['pass', expect.stringContaining('rose by 0.50 h against the champion')],
    ]);
  });

  test.each([
    ['the challenger', { challenger: { backend: 'process', gpuSeconds: 0 } as const, champion: cluster }],
    ['the champion', { challenger: cluster, champion: { backend: 'process', gpuSeconds: 0 } as const }],
  ])('CO1: are missing, not 0, where %s was a process', (who, compute) => {
    const relative = { metric: 'gpuHours', versusChampion: { noWorseBy: 1 } };
    expect(judged(relative, { champion: { value: 0, low: 0, high: 0 }, ...measureGpuHours(named, compute) })).toEqual([
      ['missing', expect.stringContaining(`${who}'s accelerators: its trainer was a process`)],
    ]);
  });

  test('are missing where the cluster said nothing', () => {
    expect(measureGpuHours(named, { challenger: { backend: 'kubernetes' } }).why).toContain('the cluster did not say');
  });
});

describe('cost of 1,000 predictions', () => {
  const requested = { cpuCores: 2, memoryBytes: 2 ** 30, gpus: 0 };
  // 0.36 an hour: 0.0001 a second.
  const prices = { currency: 'EUR', gpuHour: {}, cpuCoreHour: 0.13, gibHour: 0.1 };
  const sample = (latenciesMs: readonly number[]) => ({ latenciesMs, failed: 0 });
  const steady = Array.from({ length: 600 }, (_, index) => 9 + (index % 3));

  test('EV9, CO3: is the price of a second times the mean seconds of an answer times 1,000', () => {
    const times = { load: { challenger: sample(steady) } };
    const measurement = measureServingCost(named, { requested, prices, times });
    expect(measurement).toMatchObject({ n: 600, challenger: { value: expect.closeTo(0.001, 12) } });
    // Mean 10, deviation √(2/3 × 600/599), z 1.96 over √600.
    expect(measurement.challenger?.high).toBeCloseTo(
      0.0001 * (10 + (1.959964 * Math.sqrt((2 / 3) * (600 / 599))) / Math.sqrt(600)),
      9,
    );
    expect(judged({ metric: 'costPerThousand', atMost: 0.0009 }, measurement)).toEqual([
      [
        'fail',
        'C (costPerThousand) is 0.00100 [0.00099, 0.00101], at most 0.0009 was asked (n 600). ' +
          'The price is EUR 0.36 per hour for 2 cores, 1 GiB, one request at a time.',
      ],
    ]);
  });

  test('EV9: of two servers is compared by their independent means', () => {
    const slower = steady.map((ms) => ms + 5);
    const times = { load: { challenger: sample(slower), champion: sample(steady) } };
    const measurement = measureServingCost(named, { requested, prices, times });
    expect(measurement.difference?.value).toBeCloseTo(0.0005, 12);
    expect(judged({ metric: 'costPerThousand', versusChampion: { noWorseBy: 0.0004 } }, measurement)).toEqual([
      ['fail', expect.stringContaining('rose by 0.0005')],
    ]);
  });

  test('CO3: of a batch model is that of one run of predict', () => {
    const times = { batch: { challenger: { rows: 2000, seconds: 4 }, champion: { rows: 2000, seconds: 2 } } };
    const measurement = measureServingCost(named, { requested, prices, times });
    expect(measurement).toMatchObject({
      challenger: { value: expect.closeTo(0.0002, 12) },
      difference: { value: expect.closeTo(0.0001, 12) },
    });
    expect(measurement.point).toBe(
      'EUR 0.36 per hour for 2 cores, 1 GiB × 4 s of one run of predict over 2000 rows, so without an interval',
    );
  });

  test('counts accelerators at their own price', () => {
    const times = { batch: { challenger: { rows: 1000, seconds: 3600 } } };
    const gpu = { ...requested, gpus: 1, gpuResource: 'nvidia.com/gpu' };
    const priced = { ...prices, gpuHour: { 'nvidia.com/gpu': 2 } };
    expect(measureServingCost(named, { requested: gpu, prices: priced, times }).challenger?.value).toBeCloseTo(2.36, 9);
  });

  test.each([
    ['without prices', { prices: undefined }, 'the operator’s settings have no prices'],
    [
      'without a price of its accelerator',
      { requested: { ...requested, gpus: 1, gpuResource: 'x/gpu' } },
      'no price for x/gpu',
    ],
    [
      'without answers',
      { times: { load: { challenger: sample([3]) } } },
      'the challenger answered fewer than two requests',
    ],
    [
      'without answers of the champion',
      { times: { load: { challenger: sample(steady), champion: sample([]) } } },
      'the champion answered fewer than two requests',
    ],
    ['without rows', { times: { batch: { challenger: { rows: 0, seconds: 1 } } } }, 'no predictions to divide by'],
  ])('EV9: is missing %s, and says why', (_, change, why) => {
    const given = { requested, prices, times: { load: { challenger: sample(steady) } }, ...change };
    expect(measureServingCost(named, given).why).toContain(why);
  });
});

describe('tests of the team', () => {
  const failed = (name: string, message?: string) => ({
    name,
    passed: false,
    ...(message === undefined ? {} : { message }),
  });
  const found = (
    exitCode: number,
    findings?: readonly { name: string; passed: boolean; message?: string }[],
    line = '',
  ) =>
    judged(
      { metric: 'command', atMost: 0 },
      measureTests(named, { exitCode, ...(findings ? { findings } : {}) }, line),
    );

  test('EV6: failed findings are counted, and the first three are named', () => {
    const findings = [failed('slope', 'is 0.6'), { name: 'fine', passed: true }, failed('b'), failed('c'), failed('d')];
    expect(found(0, findings)).toEqual([
      ['fail', 'C (command) is 4, at most 0 was asked (slope: is 0.6; b; c; and 1 more).'],
    ]);
  });

  test('EV6: another exit code than 0 fails, whatever the findings say, and the last line tells why', () => {
    expect(found(1, [{ name: 'fine', passed: true }], 'Traceback: no such column')).toEqual([
      [
        'fail',
        'C (command) is 1, at most 0 was asked (the command ended with exit code 1: Traceback: no such column).',
      ],
    ]);
    expect(found(2)).toEqual([['fail', 'C (command) is 1, at most 0 was asked (the command ended with exit code 2).']]);
  });

  test('EV6: exit code 0 passes, with or without findings', () => {
    expect(found(0)).toEqual([['pass', expect.stringContaining('(the command ended with exit code 0)')]]);
    expect(found(0, [{ name: 'fine', passed: true }])).toEqual([
      ['pass', 'C (command) is 0, at most 0 was asked (1 finding, the command ended with exit code 0).'],
    ]);
  });

  test('a message is one short line, whatever the program wrote', () => {
    const { point = '' } = measureTests(
      named,
      { exitCode: 0, findings: [failed('a', `\u001B[31mred\n${'x'.repeat(900)}`)] },
      '',
    );
    expect(point).toMatch(/^a: \[31mred x+…$/);
    expect(point).toHaveLength(160);
  });
});
