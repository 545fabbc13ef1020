import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createDuckdbDataStore } from '../../activities/adapters/duckdb/data-store.ts';
import { putJson } from '../../activities/context.ts';
import { keepOutOfSample } from '../../activities/out-of-sample.ts';
import { readTrainerResult } from '../../activities/trainer-outcome.ts';
import { handedIn } from '../../activities/variants.ts';
import type { CollectInput } from '../../activities/run-record.ts';
import { trainerResultSchema } from '../../scorecards/contracts/trainer.ts';
import type { TrainedResult } from '../../scorecards/contracts/trainer.ts';
import type { BestF1 } from '../../scorecards/operating-point.ts';
import { present } from '../present.ts';
import { createMemoryEvidence } from '../fakes/memory-evidence.ts';
import { inDuckdb } from '../lifecycle/data.ts';
import { applied } from '../lifecycle/policies.ts';
import { createScorecardWorld } from './scorecard-world.ts';

const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');

describe('what a trainer said of rows that its model did not learn from', () => {
  const evidence = createMemoryEvidence();
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'out-of-sample-'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });
  afterAll(() => evidence.dispose());

  const write = async (path: string, select: string) => {
    await inDuckdb((run) => run(`copy (${select}) to '${join(folder, path)}' (format parquet)`));
    const content = await readFile(join(folder, path));
    return { path, sha256: sha256(content), rows: 10, bytes: content.byteLength };
  };
  /** Ten training rows, of which the last four are positive. */
  const keep = async (handed: TrainedResult['outOfSample'], task = 'classification') => {
    const train = await write('train.parquet', 'select i as id, (i >= 6)::int as y from range(10) t(i)');
    const data = createDuckdbDataStore({ temporaryDirectory: join(folder, 'tmp'), threads: 1 });
    const { scorecard, ...policy } = applied('churn', folder);
    const order = { ...policy, scorecard: { ...scorecard, spec: { ...scorecard.spec, task } } };
    const input = {
      context: { applied: await putJson(evidence, order) },
      dataset: { train: { ...train, name: 'train.parquet', path: join(folder, train.path) } },
    } as unknown as CollectInput;
    return keepOutOfSample({ data, evidence }, input, { handed, output: folder });
  };

  test('EV1: is kept as evidence with the threshold of best F1, computed from the labels of the snapshot', async () => {
    const handed = await write('said.parquet', 'select i as id, i / 10.0 as score from range(4, 10) t(i)');
    const kept = await keep(handed);
    expect(kept).toEqual({
      predictions: expect.objectContaining({ sha256: handed.sha256 }),
      bestF1: { threshold: 0.6, f1: 1, rows: 6, positives: 4 },
    });
    expect(await evidence.get(present(kept).predictions)).toHaveLength(handed.bytes);
  });

  test('is nothing where the trainer said nothing', async () => {
    expect(await keep(undefined)).toBeUndefined();
  });

  test.each([
    ['regression', '0.5 as score'],
    ['multiclass', "'urgent' as class"],
  ])('is nothing where no rows are flagged by a score: %s', async (task, said) => {
    const handed = await write('said.parquet', `select i as id, ${said} from range(4) t(i)`);
    expect(await keep(handed, task)).toBeUndefined();
  });

  test('without a positive row leaves no threshold, and why', async () => {
    const handed = await write('said.parquet', 'select i as id, 0.5 as score from range(4) t(i)');
    const why = 'none of its 4 labelled out-of-sample rows is positive';
    expect(await keep(handed)).toMatchObject({ bestF1: { why } });
  });

  test('is refused where it is about rows that nobody trained on, or is another file than was named', async () => {
    const strays = await write('said.parquet', 'select i as id, 0.5 as score from range(8, 12) t(i)');
    await expect(keep(strays)).rejects.toMatchObject({
      code: 'data-invalid',
      message: expect.stringContaining('"id" names 2 of 4 rows that are not in'),
    });
    await expect(keep({ ...strays, sha256: 'a'.repeat(64) })).rejects.toMatchObject({ code: 'trainer-digest' });
  });

  const inFolder = async (path: string, text: string): Promise<void> => {
    await mkdir(join(folder, path, '..'), { recursive: true });
    await writeFile(join(folder, path), text);
  };
  const artifact = { path: 'model', files: [{ path: 'w', sha256: sha256('w') }] };

  test('every model of a training has its own, and none that of another', () => {
    const [own, other] = ['a', 'b'].map((name) => ({ path: name, sha256: sha256(name), rows: 1 }));
    const variants = [
      { name: 'small', artifact, outOfSample: other },
      { name: 'silent', artifact },
    ];
    const result = trainerResultSchema.parse({ mode: 'train', artifact, outOfSample: own, variants }) as TrainedResult;
    const [main, small, silent] = handedIn(result, ['main', 'small', 'silent']);
    expect(main?.result.outOfSample).toEqual(own);
    expect(small?.result.outOfSample).toEqual(other);
    expect(silent?.result).not.toHaveProperty('outOfSample');
  });

  test.each([
    ['of the artifact', (named: object) => ({ outOfSample: named })],
    ['of a variant', (named: object) => ({ variants: [{ name: 'small', artifact, outOfSample: named }] })],
  ])('a file %s that is not what result.json names is a wrong digest', async (_, more) => {
    await inFolder('model/w', 'w');
    await inFolder('said.parquet', 'said');
    const answered = async (digest: string) => {
      const named = { path: 'said.parquet', sha256: digest, rows: 1 };
      await inFolder('result.json', JSON.stringify({ mode: 'train', artifact, ...more(named) }));
      return readTrainerResult(folder, { mode: 'train', seed: 1 });
    };
    expect(await answered(sha256('said'))).toMatchObject({ mode: 'train' });
    await expect(answered(sha256('other'))).rejects.toMatchObject({ code: 'trainer-digest' });
  });
});

describe('a scorecard that asks for the threshold of best F1', () => {
  let world: Awaited<ReturnType<typeof createScorecardWorld>>;
  beforeEach(async () => {
    world = await createScorecardWorld();
  });
  afterEach(() => world.dispose());

  const spec = { operatingPoint: { bestF1: 'training' } };
  const found = (threshold: number): { readonly outOfSample: object } => {
    const bestF1: BestF1 = { threshold, f1: 0.7125, rows: 1200, positives: 300 };
    return { outOfSample: { predictions: { uri: 'x', sha256: 'c'.repeat(64), bytes: 1 }, bestF1 } };
  };
  const COST = { name: 'cost', group: 'business', metric: 'cost', falseNegative: 1, falsePositive: 1 };
  const ABSOLUTE = { ...COST, name: 'cost at all', atMost: 0.5 };
  const RELATIVE = { ...COST, versusChampion: { noWorseBy: '50%' } };
  const RANKING = { name: 'ranking', group: 'quality', metric: 'auc', versusChampion: { noWorseBy: 0.05 } };
  const compared = { spec, served: true, championWrongWhere: 'false' };
  const UNTOLD =
    'its trainer handed in no outOfSample when it was trained; judge by threshold or top until a model with it is champion';

  test('EV1: judges each model at its own, which the evidence, the result and its notes name with the source', async () => {
    const records = { challenger: found(0.4), champion: found(0.55) };
    const judged = await world.judge([RELATIVE, RANKING], { ...compared, records });
    expect(judged).toMatchObject({ verdict: 'pass', cuts: { challenger: 0.4, champion: 0.55 } });
    const source = { f1: 0.7125, rows: 1200, positives: 300, predictions: 'c'.repeat(64) };
    expect(await world.kept(judged.result)).toMatchObject({
      operatingPoint: { challenger: 0.4, champion: 0.55 },
      operatingPointFrom: { challenger: { threshold: 0.4, ...source }, champion: { threshold: 0.55, ...source } },
      notes: judged.notes,
    });
    expect(judged.notes).toContain(
      'Operating point: each model flags from the threshold of best F1 on rows of its training that it did not learn from, frozen with it; ' +
        'challenger from 0.4 (F1 0.713 on 1,200 rows, 300 of them positive; sha256:cccccccccccc); ' +
        'champion from 0.55 (F1 0.713 on 1,200 rows, 300 of them positive; sha256:cccccccccccc).',
    );
  });

  test('EV8: of a champion from before there is none: what compares flags is missing, the rest is judged, and it is said', async () => {
    const records = { challenger: found(0.4), champion: {} };
    const judged = await world.judge([RELATIVE, ABSOLUTE, RANKING], { ...compared, records });
    expect(judged.verdict).toBe('inconclusive');
    expect(judged.reasons).toEqual([
      `Cost was not measured: of the champion no threshold of best F1 is known: ${UNTOLD}.`,
    ]);
    expect(judged.findings.map(({ criterion, judged: word }) => [criterion, word])).toEqual([
      ['cost', 'missing'],
      ['cost at all', 'pass'],
      ['ranking', 'pass'],
    ]);
    expect(judged).not.toHaveProperty('cuts');
    expect(judged.notes?.join(' ')).toContain(`champion unknown, because ${UNTOLD}.`);
    // Weak slices compare a cell with all other rows, and with the champion only where its cut is known.
    expect(judged.notes?.join(' ')).toContain('(2 comparisons,');
  });

  test('the challenger takes its own threshold into later windows, also where nobody knows that of the champion', async () => {
    await world.judge([ABSOLUTE], { ...compared, records: { challenger: found(0.4), champion: {} } });
    expect(await world.reference()).toMatchObject({ cut: 0.4 });
  });

  test('EV8: a champion that flags nothing for want of one takes no precision and no ratio from the challenger', async () => {
    const PRECISION = { name: 'precision', group: 'quality', metric: 'precision', atLeast: 0.3 };
    const RATIO = { name: 'ratio', group: 'fairness', metric: 'demographicParityRatio', by: 'g', atLeast: 0.3 };
    const WORST = {
      name: 'worst precision',
      group: 'quality',
      metric: 'worst',
      of: 'precision',
      by: 'g',
      atLeast: 0.3,
    };
    const records = { challenger: found(0.4), champion: {} };
    const judged = await world.judge([PRECISION, RATIO, WORST], { ...compared, records });
    expect(judged).toMatchObject({ verdict: 'pass', passed: 3, of: 3 });
    expect(judged.findings.filter(({ n }) => n === 0)).toEqual([]);
    expect(judged.findings.map(({ sentence }) => sentence).join(' ')).toContain('It is worst in g=');
  });

  test('EV8: of a challenger without one nothing that flags is judged, and it never passes', async () => {
    const judged = await world.judge([ABSOLUTE, RANKING], {
      ...compared,
      records: { challenger: {}, champion: found(0.5) },
    });
    expect(judged).toMatchObject({ verdict: 'inconclusive', passed: 1, of: 2 });
    expect(judged.reasons).toEqual([
      'Cost at all was not measured: of the challenger no threshold of best F1 is known: its trainer handed in no outOfSample, predictions of training rows that the model did not learn from.',
    ]);
    expect(await world.kept(judged.result)).toMatchObject({ operatingPoint: null });
  });

  test('a first model is judged at its own threshold alone', async () => {
    const judged = await world.judge([RELATIVE, ABSOLUTE], { spec, records: { challenger: found(0.4) } });
    expect(judged).toMatchObject({ verdict: 'pass', of: 1, cuts: { challenger: 0.4, champion: 0.4 } });
  });

  test('other operating points say nothing of it', async () => {
    const judged = await world.judge([ABSOLUTE], { records: { challenger: found(0.4) } });
    expect(await world.kept(judged.result)).not.toHaveProperty('operatingPointFrom');
    expect(judged.notes?.join(' ')).not.toContain('Operating point');
    expect(judged.cuts).toEqual({ challenger: 0.5, champion: 0.5 });
  });
});
