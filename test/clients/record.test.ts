import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { present } from '../present.ts';
import { OWNER } from '../lifecycle/policies.ts';
import { createCliWorld } from './cli-world.ts';
import type { CliWorld } from './cli-world.ts';

const MODEL = 'kept';
const BOOTSTRAP = `retrain/${MODEL}/20010108T060000Z-bootstrap`;
const SECOND = `retrain/${MODEL}/20010115T060000Z-manual`;

/** Two champions, one after the other; then what is on record about them, and the way back. */
describe('what a model leaves on record', () => {
  let world: CliWorld;
  beforeAll(async () => {
    world = await createCliWorld({ mlflow: true });
    await world.writeData();
    await world.bootstrap(MODEL, '2001-01-08T06:00:00Z');
    await world.asked(['trigger', MODEL, '--as-of', '2001-01-15T06:00:00Z', '--reason', 'newer data']);
    await world.approveNext(MODEL);
  }, 120_000);
  afterAll(() => world.close());

  test('how runs ended is listed without Temporal, newest first', async () => {
    const { stdout } = await world.understudy(['history', MODEL], {
      env: { TEMPORAL_ADDRESS: '127.0.0.1:1', UNDERSTUDY_FORCE_TTY: '100' },
    });
    const [head, ...lines] = stdout.trimEnd().split('\n');
    expect(head).toMatch(/^DECIDED {12}OUTCOME {2,}RUN {2,}REASON$/);
    expect(lines.map((line) => line.split(/ {2,}/).slice(1, 3))).toEqual([
      ['promoted', SECOND],
      ['promoted', BOOTSTRAP],
    ]);
  });

  test('a piped table is tab-separated', async () => {
    const { stdout } = await world.understudy(['history', MODEL, '--triggers', '-n', '1']);
    expect(stdout.split('\n')[1]).toMatch(/^2001-01-15T06:00Z\tmanual\t\S+\tpromoted\tv2 passed 4 findings/);
  });

  test('a model is described with its policy, its pointers and its last training', async () => {
    const { stdout } = await world.understudy(['describe', MODEL]);
    expect(stdout).toMatch(/^versions {6}.*champion v2, previous v1/m);
    expect(stdout).toMatch(/^last trained {2}2001-01-15T06:00:00\.000Z$/m);
    expect(stdout).toMatch(/^policy {8}sha256:[0-9a-f]{64}$/m);
  });

  test('a run is described with every piece of its evidence, and drawn', async () => {
    expect(await world.asked(['describe', SECOND])).toMatchObject({
      run: SECOND,
      approval: { outcome: 'approved' },
      evidence: expect.arrayContaining([
        { key: 'end', uri: expect.any(String), sha256: expect.any(String), bytes: expect.any(Number) },
      ]),
    });
    expect((await world.understudy(['describe', SECOND, '--graph'])).stdout).toBe(GRAPH);
  });

  test('a run on one screen says who serves and why, and fits the terminal', async () => {
    const { stdout } = await world.understudy(['status', SECOND], { env: { UNDERSTUDY_FORCE_TTY: '72' } });
    const lines = stdout.trimEnd().split('\n');
    expect(lines[0]).toBe(`${MODEL.padEnd(33)} ✔ promoted`);
    expect(lines).toContainEqual(expect.stringMatching(/^ {2}✔ training {3}v2, 1 attempt\(s\).* {2,}\d+(\.\d)? s$/));
    expect(lines.filter((line) => line.length > 72)).toEqual([]);
    expect(lines.at(-1)).toBe(`why: understudy report ${SECOND}`);
  });

  test('a report has the verdict, the five answers and the scorecard, in all forms with one digest', async () => {
    const report = async (form: string) => (await world.understudy(['report', MODEL, '-o', form])).stdout;
    const [md, html, json] = [await report('md'), await report('html'), await report('json')];
    const { digest, run, verdict } = JSON.parse(json) as {
      digest: string;
      run: string;
      verdict: { findings: unknown[] };
    };
    expect(run).toBe(SECOND);
    expect(md.split('\n')[0]).toBe(`## ✔ ${MODEL} v2: promoted`);
    expect(md).toContain(`| stop | understudy rollback ${MODEL} |`);
    expect(md).toContain(`| approved by | ${OWNER} |`);
    expect(Buffer.byteLength(md)).toBeLessThan(4096);
    expect([md, html].map((text) => text.includes(`report ${digest}`))).toEqual([true, true]);
    expect(verdict.findings.length).toBeGreaterThan(3);
    expect(html).not.toMatch(/<script|<link|src=|https?:/);
    expect(Buffer.byteLength(html)).toBeLessThan(300_000);
    expect(await report('html')).toBe(html);
  });

  test('GV6: a first policy is written from the Parquet files themselves, and is valid', async () => {
    const data = ['--data', 'data/observations/day=*/*.parquet', '--labels', 'data/labels/day=*/*.parquet'];
    const columns = ['--id', 'id', '--time', 'seen', '--label', 'y', '--available-at', 'known_at'];
    const rest = ['--train', 'train', '--owner', OWNER, '--name', 'first', '--yes', '-f', 'first.yaml'];
    expect(await world.understudy(['init', ...data, ...columns, ...rest])).toMatchObject({ code: 0 });
    expect(await world.understudy(['lint', '-f', 'first.yaml'])).toMatchObject({ code: 0 });
    expect(await world.understudy(['init', '--data', 'nothing/*.parquet', ...rest])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('no Parquet file matches --data nothing/*.parquet'),
    });
  });

  test('RR9: one command restores the version before the champion, and says what it did', async () => {
    const back = await world.understudy(['rollback', MODEL, '--yes', '--as', OWNER, '--reason', 'complaints']);
    expect(back.stderr).toBe('now     v2 is champion\nafter   v1 is champion\n');
    expect(back.stdout).toMatch(/^pointer v2 → v1 {3}\d+\.\d s\nrolled back; evidence sha256:\w{64}\n$/);
    expect(await world.ports.registry.aliases(MODEL)).toMatchObject({ champion: '1', previous: '2' });
    expect(present(await world.ports.registry.version(MODEL, '2')).tags).toMatchObject({
      'understudy.rolled_back': 'complaints',
      'understudy.stage': 'rolled-back',
    });
    expect(await world.ports.evidence.keys(`rollbacks/${MODEL}/`)).toHaveLength(1);
    const again = ['rollback', MODEL, '--yes', '--to'];
    expect(await world.understudy([...again, '1'])).toMatchObject({
      code: 6,
      stderr: expect.stringContaining('already'),
    });
    expect(await world.understudy([...again, '77'])).toMatchObject({
      code: 5,
      stderr: expect.stringContaining('no version 77'),
    });
  });

  test('a restore needs no Temporal', async () => {
    const there = await world.understudy(['rollback', MODEL, '--yes', '--to', `${MODEL}@2`], {
      env: { TEMPORAL_ADDRESS: '127.0.0.1:1' },
    });
    expect(there).toMatchObject({ code: 0, stderr: expect.stringContaining('ECONNREFUSED; restoring directly') });
    expect(await world.ports.registry.aliases(MODEL)).toMatchObject({ champion: '2', previous: '1' });
  });

  test('pause holds triggers back, resume lets them start again', async () => {
    expect(await world.understudy(['pause', MODEL, '--as', OWNER, '--reason', 'holiday'])).toMatchObject({
      code: 0,
      stdout: `${MODEL} is paused; next: understudy resume ${MODEL}\n`,
    });
    expect(await world.understudy(['trigger', MODEL])).toEqual({
      code: 6,
      stdout: `paused by ${OWNER}: holiday\nnext: understudy resume ${MODEL}\n`,
      stderr: '',
    });
    expect(await world.asked(['resume', '--all'])).toMatchObject({ paused: false, models: [MODEL] });
  });

  test('TR7: a mark on a finding is kept with its author, its reason and its end, and is listed', async () => {
    expect(await world.understudy(['drift', 'benign', MODEL])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`nothing of ${MODEL} is marked`),
    });
    const mark = ['drift', 'benign', MODEL, 'x', '--until', '2001-02-01', '--reason', 'a new fleet', '--as', OWNER];
    const said = { column: 'x', kind: 'data', by: OWNER, reason: 'a new fleet', until: '2001-02-01T00:00:00.000Z' };
    expect(await world.asked(mark)).toMatchObject(said);
    expect(await world.asked(['drift', 'benign', MODEL])).toMatchObject({ marks: [said] });
    const nowhere = ['drift', 'benign', 'nobody', 'x', '--until', '2001-02-01', '--reason', 'a new fleet'];
    expect(await world.understudy(nowhere)).toMatchObject({ code: 5 });
  });

  test('a retry from a later stage reuses the training and keeps the data time', async () => {
    expect(await world.asked(['retry', SECOND, '--from', 'scorecard'])).toMatchObject({
      answer: 'started',
      asOf: '2001-01-15T06:00:00.000Z',
    });
    await world.asked(['wait', MODEL, '--for=approval', '--timeout=60s']);
    const { stages } = await world.asked(['status', MODEL]);
    expect(stages).toContainEqual(
      expect.objectContaining({ stage: 'training', result: expect.stringContaining('reused') }),
    );
    await world.understudy(['rollback', MODEL, '--yes', '--reason', 'not needed']);
    expect(await world.asked(['status', MODEL])).toMatchObject({ ended: { outcome: 'aborted' }, stop: null });
  }, 60_000);
});

const GRAPH = `✔ drift
│
✔ dataset
│
✔ training
├─┐
✔ │  predict with the challenger
│ ✔  predict with the champion
├─┘
✔ scorecard
│
✔ shadow
│
✔ approval
│
· rollout
│
✔ promotion
`;
