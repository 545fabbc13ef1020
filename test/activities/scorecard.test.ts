import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createScorecardWorld } from './scorecard-world.ts';

let world: Awaited<ReturnType<typeof createScorecardWorld>>;
beforeAll(async () => {
  world = await createScorecardWorld();
});
afterAll(() => world.dispose());

const RECALL = { name: 'recall by g', group: 'quality', metric: 'recall', by: 'g', atLeast: 0.3, minimum: 100 };

describe('a group that is gone from the holdout', () => {
  test.each(['champion', 'run'] as const)('EV3, N12: is missing when the baseline of the %s had it', async (whose) => {
    const counted = { a: 900, b: 900, c: 900 };
    const { reasons, verdict } = await world.judge([RECALL], { [whose]: counted });
    expect(verdict).toBe('inconclusive');
    expect(reasons).toEqual([
      'Recall by g on g=c was not measured: the holdout has no row of this slice, of which the baseline had enough.',
    ]);
  });

  test('is not missed when it never was there', async () => {
    expect(await world.judge([RECALL], { run: { a: 900, b: 900 } })).toMatchObject({ verdict: 'pass', of: 2 });
  });
});

describe('a criterion in blocks of time', () => {
  const HALVES = { ...RECALL, name: 'recall by half day', group: 'robustness', by: undefined, blocks: '12h' };

  test('EV3: cuts the span of the holdout, not that of its rows: a half day without any row is missing', async () => {
    const { findings, reasons, verdict } = await world.judge([HALVES]);
    expect(verdict).toBe('inconclusive');
    expect(findings.map(({ judged, slice }) => [judged, slice?.value])).toEqual([
      ['missing', '2001-01-09T12:00Z … 2001-01-10T00:00Z'],
      ['pass', '2001-01-09T00:00Z … 2001-01-09T12:00Z'],
    ]);
    expect(reasons).toEqual([
      'Recall by half day in 2001-01-09T12:00Z … 2001-01-10T00:00Z was not measured: there are no such rows.',
    ]);
  });

  test('EV3: blocks count as slices, of which there is a most', async () => {
    const judged = world.judge([RECALL, HALVES], { spec: { maxSlices: 3 } });
    await expect(judged).rejects.toMatchObject({
      message: expect.stringContaining(
        '4 slices (g has 2, time in blocks of 12h has 2), maxSlices of the scorecard allows 3',
      ),
    });
  });
});

describe('too many slices', () => {
  test('EV3: are refused with the cap and how many each column has, never judged in part', async () => {
    const judged = world.judge([RECALL], { spec: { maxSlices: 1 } });
    await expect(judged).rejects.toMatchObject({
      code: 'data-invalid',
      message:
        'the criteria are judged on 2 slices (g has 2), maxSlices of the scorecard allows 1. Slice by a coarser column, such as a band, or raise maxSlices.',
      details: { slices: 2, maxSlices: 1 },
    });
  });
});

describe('a model that names one of several classes', () => {
  const red = { name: 'recall of red', group: 'quality', metric: 'recall', class: 'red', by: 'g', minimum: 100 };
  const classes = { classes: true, spec: { task: 'multiclass' }, slices: ['g', 'h'] };

  test('EV1, EV3: is judged by class and slice without scores, and where it is weak is searched all the same', async () => {
    const judged = await world.judge(
      [
        { ...red, atLeast: 0.1 },
        { ...SIZE, versusChampion: undefined },
      ],
      classes,
    );
    expect(judged).toMatchObject({ verdict: 'pass', passed: 3, of: 3 });
    expect(judged).not.toHaveProperty('cuts');
    expect(judged.warnings).toEqual([expect.stringMatching(/^Weak where h=x: a row costs 0\.\d+ against 0\.000 on/)]);
    const kept = await world.kept(judged.result);
    expect(kept).toMatchObject({ operatingPoint: null, coverage: { rows: 2000, labelled: 2000, challenger: 2000 } });
    expect(kept).not.toHaveProperty('charts');
  });

  test('N12: a slice in which a class is not found fails, with class and slice in the reason', async () => {
    const found = await world.judge([{ ...red, name: 'found', atLeast: 0.8 }], classes);
    expect(found.verdict).toBe('fail');
    expect(found.reasons[0]).toMatch(
      /^Found \(recall, class red\) on g=a is 0\.\d+ \[.*\], at least 0\.8 was asked \(n 200\)\.$/,
    );
  });
});

describe('a weakness that no criterion looks at', () => {
  const wrong = { slices: ['g', 'h'], wrongWhere: 'a and x' };
  const WEAK =
    /^Weak where g=a and h=x: a row costs 0\.7\d\d against 0\.2\d\d on all other rows \(n 400, adjusted p < 0\.001\)\.$/;

  test('EV3: is told as a warning, and has no say in the verdict', async () => {
    const judged = await world.judge([RECALL], wrong);
    expect(judged).toMatchObject({ verdict: 'pass', warnings: [expect.stringMatching(WEAK)] });
    expect(judged.notes?.at(-1)).toMatch(
      /^Weak slices were searched in 8 cells of one or two of 2 slice columns, of at least 100 rows each \(8 comparisons,/,
    );
    const { notes, warnings } = await world.kept(judged.result);
    expect({ notes, warnings }).toEqual({ notes: judged.notes, warnings: judged.warnings });
  });

  test('is not there in a model that is alike everywhere', async () => {
    expect(await world.judge([RECALL], { slices: ['g', 'h'] })).not.toHaveProperty('warnings');
  });

  test('is not looked for where the policy names no slices', async () => {
    expect(await world.judge([SIZE], { slices: [], wrongWhere: 'a' })).not.toHaveProperty('notes');
  });
});

const SIZE = { name: 'artifact', group: 'size', metric: 'bytes', atMost: '1MB', minimum: 1 };

describe('a holdout of which only some rows have a label', () => {
  test('EV8: labels for 60 % are inconclusive, whatever they say, and the verdict names the coverage', async () => {
    const poor = { ...RECALL, name: 'poor', atLeast: 0.99 };
    const { findings, reasons, verdict } = await world.judge([RECALL, poor, SIZE], { labelled: 0.6 });
    expect(verdict).toBe('inconclusive');
    expect(reasons).toEqual([
      'Label coverage: 1,200 of 2,000 rows of the holdout have a label (60 %), 80 % are needed.',
    ]);
    expect(findings.map(({ criterion, judged }) => [criterion, judged])).toEqual([
      ['recall by g', 'inconclusive'],
      ['recall by g', 'inconclusive'],
      ['poor', 'inconclusive'],
      ['poor', 'inconclusive'],
      ['artifact', 'pass'],
    ]);
  });

  test.each([
    ['80 % are enough where the scorecard says nothing', 0.8, {}],
    ['60 % are enough where the scorecard says so', 0.6, { labelCoverage: '60%' }],
  ])('%s', async (_, labelled, spec) => {
    expect(await world.judge([RECALL], { labelled, spec })).toMatchObject({ verdict: 'pass' });
  });

  test('what fails without labels fails', async () => {
    const large = { ...SIZE, atMost: 0 };
    const { reasons, verdict } = await world.judge([RECALL, large], { labelled: 0.6 });
    expect(verdict).toBe('fail');
    expect(reasons.map((reason) => reason.split(' ')[0])).toEqual(['Artifact', 'Label']);
  });
});

describe('a business metric in the words of the team', () => {
  const profit = {
    name: 'profit',
    group: 'business',
    metric: 'sql',
    sql: "case when not flagged then 0 when label = 1 then 40 else case g when 'a' then -5 else -200 end end",
    direction: 'higher',
    minimum: 100,
  };

  test('EV7: rejects a candidate whose criteria of quality all pass, and names itself', async () => {
    const { reasons, verdict } = await world.judge([RECALL, { ...profit, atLeast: 10 }]);
    expect(verdict).toBe('fail');
    expect(reasons).toHaveLength(1);
    expect(reasons[0]).toMatch(/^Profit \(sql\) is 3\.795 \[.*\], at least 10 was asked \(n 2,000\)\.$/);
  });

  test('EV7: fails only on the slice that loses money', async () => {
    const { findings } = await world.judge([{ ...profit, by: 'g', atLeast: 0 }]);
    expect(findings.map(({ slice, judged }) => [slice?.value, judged])).toEqual([
      ['b', 'fail'],
      ['a', 'pass'],
    ]);
  });
});

describe('latency', () => {
  const tail = { name: 'tail', group: 'latency', metric: 'p99', atMost: '2s', load: { rate: '500/s', for: '60s' } };

  test('EV8: of a batch model is one number of one run of predict, and says that it has no interval', async () => {
    const { findings, verdict } = await world.judge([tail]);
    expect(verdict).toBe('pass');
    expect(findings).toMatchObject([
      {
        n: 1,
        sentence:
          'Tail (p99) is 500.0 ms, at most 2000 ms was asked (per 1,000 rows of one run of predict over 2,000, so without an interval).',
      },
    ]);
  });

  test('EV5: keeps the load that was offered where the worker bounds it', async () => {
    expect(await world.load([tail])).toMatchObject({ load: { rate: 100, for: 2000 }, challenger: { sent: 200 } });
  });
});
