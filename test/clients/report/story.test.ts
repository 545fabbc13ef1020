import { expect, test } from '@jest/globals';
import type { RunReport } from '../../../clients/report/gather.ts';
import { tell } from '../../../clients/report/story.ts';

const opened = {
  receivedAt: '2026-03-01T00:00:00.000Z',
  trigger: { kind: 'manual', by: 'ana@example', key: 'k', asOf: '2026-03-01T00:00:00.000Z' },
  policyDigest: 'a'.repeat(64),
};
const report = (training: object) =>
  ({
    run: 'retrain/churn/1',
    model: 'churn',
    opened,
    phases: [],
    routes: [],
    training: { digest: 'b'.repeat(64), ...training },
  }) as object as RunReport;

test('CO4: the advice on what to ask for stands among the facts, a line for each resource', () => {
  const advice = ['at most 10 % of 1024Mi memory was used: 125Mi would do', 'on average 3 % of 2 CPU was used: …'];
  const facts = tell(report({ advice })).facts.filter(([name]) => name === 'advice');
  expect(facts.map(([, text]) => text)).toEqual(advice);
});

test('TN2: the log of every job of the training stands among the facts, by its digest', () => {
  const logs = [1, 2].map((job) => ({ job, sha256: String(job).repeat(64) }));
  const { facts } = tell({ ...report({}), logs } as object as RunReport);
  expect(facts.filter(([name]) => name === 'log').map(([, text]) => text)).toEqual([
    `sha256:${'1'.repeat(64)} (job 1 of the training)`,
    `sha256:${'2'.repeat(64)} (job 2 of the training)`,
  ]);
});

test('EV3: where a candidate is weak, and how it was judged, stands among the facts', () => {
  const verdict = { warnings: ['Weak where g=a.'], notes: ['2 slices were compared.'], signed: { signedOffBy: [] } };
  const scorecard = { result: { sha256: 'c'.repeat(64) } };
  const { facts } = tell({ ...report({}), scorecard, verdict, findings: [] } as object as RunReport);
  expect(facts.filter(([name]) => /warning|judged/.test(name))).toEqual([
    ['warning', 'Weak where g=a.'],
    ['how it was judged', '2 slices were compared.'],
  ]);
});

test('a training that asked for what it used has no advice', () => {
  expect(tell(report({})).facts.map(([name]) => name)).not.toContain('advice');
});

test('FE1, DA3: what data checks and skew found, and who waived what, stands among the facts', () => {
  const checks = { verdict: 'warn', checks: 12, reasons: ['"x" is 7 in a.parquet; expected at most 5.'] };
  const skew = {
    verdict: 'pass',
    requests: 400,
    reasons: [],
    waived: ['"x" is out of range. Waived by ana: on purpose'],
  };
  const { facts } = tell({ ...report({}), checks, skew } as object as RunReport);
  expect(facts.filter(([name]) => /check|skew/.test(name))).toEqual([
    ['data checks', 'pass with warnings, 12 checks'],
    ['data check', '"x" is 7 in a.parquet; expected at most 5.'],
    ['training/serving skew', 'pass, 400 requests'],
    ['skew waived', '"x" is out of range. Waived by ana: on purpose'],
  ]);
});

const attempt = (generation: number, again: boolean) => ({
  generation,
  again,
  type: 'TrainerError',
  message: 'it failed',
  sentence: `sentence ${generation}`,
  logTail: `log ${generation}`,
});

test('the logs are those of the jobs that another one followed, and of the trainer that ended the run, once', () => {
  const failed = { ...report({}), attempts: [attempt(1, true), attempt(2, false)], end: { logTail: 'log 2' } };
  expect(tell(failed as object as RunReport).logs).toEqual([
    { whose: 'job 1 of the training: sentence 1', text: 'log 1' },
    { whose: 'the trainer that ended the run', text: 'log 2' },
  ]);
});

test('a run whose trainers wrote nothing, or did not fail, has no logs', () => {
  const { logTail: _, ...silent } = attempt(1, true);
  expect(tell({ ...report({}), attempts: [silent] }).logs).toEqual([]);
});

test('a log cannot steer the terminal that shows it', () => {
  const hostile = { ...report({}), end: { logTail: '\u001B[2Jgone\u0000\r\n\tend' } };
  expect(tell(hostile as object as RunReport).logs[0]?.text).toBe('gone \n end');
});

test('a run that has not ended is neither good nor bad, and its time is not counted yet', () => {
  const story = tell(report({}));
  expect(story.state).toBe('running');
  expect(story.facts.map(([name]) => name)).not.toContain('machine time');
});

test.each([
  ['promoted', 'good'],
  ['no-drift', 'good'],
  ['rejected', 'bad'],
  ['rolled-back', 'bad'],
])('a run that ended %s is %s', (outcome, state) => {
  expect(tell({ ...report({}), end: { outcome } } as object as RunReport).state).toBe(state);
});

test.each([
  [{ backend: 'process', job: 'p', attempts: 1 }, 'process p, 1 attempt'],
  [
    { backend: 'kubernetes', job: 'j', attempts: 3, evictions: 2, runSeconds: 61, gpuSeconds: 122.4, gpuModel: 'A100' },
    'Job j on a cluster, 3 attempts, 2 evictions, 1 m 1 s, 122 GPU-seconds on A100',
  ],
])('the lineage says who trained: %j', (compute, sentence) => {
  const record = { training: { command: ['t'] }, seeds: { training: 7 }, compute };
  const { lineage } = tell({ ...report({}), record } as object as RunReport);
  expect(Object.fromEntries(lineage)['trained by']).toBe(sentence);
});

const dataset = {
  digest: 'd'.repeat(64),
  trainSpan: { from: '2026-01-01T00:00:00.000Z', until: '2026-02-01T00:00:00.000Z' },
  holdoutSpan: { from: '2026-02-01T00:00:00.000Z', until: '2026-02-08T00:00:00.000Z' },
  train: { rows: 10 },
  holdout: { rows: 2 },
  labelCoverage: 1,
  labelWatermark: '2026-02-08T00:00:00.000Z',
};
const recorded = (sources: readonly object[]) => ({
  training: { command: ['train'] },
  compute: {},
  seeds: {},
  data: { sources },
});

test('DA5: the lineage says how many labels are known and how many of them only stand in', () => {
  const labels = (of: object) =>
    Object.fromEntries(tell({ ...report({}), dataset: { ...dataset, ...of } } as object as RunReport).lineage)[
      'labels'
    ];
  expect(labels({ labelCoverage: 0.95 })).toBe('95.0 % known, until 2026-02-08T00:00:00.000Z');
  expect(labels({ labelSurrogates: 0.125 })).toBe(
    '100.0 % known, 12.5 % of them surrogates, until 2026-02-08T00:00:00.000Z',
  );
});

test('DA6, DA7: the lineage says what pulled the rows, from which state, and that somebody was left out', () => {
  const { lineage } = tell({
    ...report({}),
    dataset: { ...dataset, queryDigest: 'q', exclusionsDigest: 'e' },
    record: recorded([
      { uri: 'postgresql:shop/orders', version: '0/16B3748' },
      { uri: 's3://lake/a', etag: 'e1' },
      { uri: 'table:x' },
      { uri: 'table:y' },
      { uri: 'table:z' },
    ]),
  } as object as RunReport);
  expect(Object.fromEntries(lineage)).toMatchObject({
    'pulled by': 'sha256:q',
    sources: 'postgresql:shop/orders (0/16B3748), s3://lake/a (e1), table:x (of no known state), and 2 more',
    'left out': 'the ids of the list sha256:e',
  });
});

test('files that lay there are no line of the lineage: the manifest names them', () => {
  const record = recorded([{ uri: 'file:///data/day=2026-01-01/a.parquet', etag: 'f' }]);
  const names = tell({ ...report({}), dataset, record } as object as RunReport).lineage.map(([name]) => name);
  expect(names.filter((name) => ['pulled by', 'sources', 'left out'].includes(name))).toEqual([]);
});

test('a challenger that was promoted keeps all traffic on the timeline, one that was taken off has none', () => {
  const [champion, challenger] = [{ version: '1' }, { version: '2' }];
  const at = (second: number) => ({ writtenAt: `2026-03-01T00:00:0${second}.000Z`, reason: 'written' });
  const canary = { ...at(1), champion, challenger: { ...challenger, percent: 50 } };
  const told = (last: object) =>
    tell({ ...report({}), version: '2', routes: [canary, { ...at(2), ...last }] } as object as RunReport);
  expect(told({ champion: challenger }).timeline.map(({ percent }) => percent)).toEqual([50, 100]);
  expect(told({ champion }).timeline.map(({ percent }) => percent)).toEqual([50, 0]);
});
