import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { FileRef } from '../../../scorecards/vocabulary.ts';
import { criterion, scorecard } from './measurements.ts';
import { refOf, unwatched, type World } from './world.ts';

const HOLDOUT = "SELECT 'r' || i AS id, i % 4 AS g, i AS many FROM range(200) t(i)";
const LABELS = "SELECT 'r' || i AS id, i % 2 AS y FROM range(200) t(i)";
const GOOD = "SELECT 'r' || i AS id, (i * 37 % 200) / 200e0 AS score FROM range(200) t(i)";

export function badPredictionTests(world: () => World): void {
  const write = async (name: string, select: string): Promise<FileRef> =>
    await refOf(await world().write(`${name}.parquet`, select), name);
  const measure = async (
    selects: { readonly champion?: string; readonly challenger?: string; readonly labels?: string },
    { by = 'g', task = 'classification' } = {},
  ) =>
    await world().store.measure(
      {
        scorecard: scorecard([criterion('auc', { by })], { task, operatingPoint: { top: '40%' } }),
        holdout: await write('holdout', HOLDOUT),
        labels: await write('labels', selects.labels ?? LABELS),
        challenger: await write('challenger', selects.challenger ?? GOOD),
        champion: await write('champion', selects.champion ?? GOOD),
        columns: { id: 'id', label: 'y' },
      },
      unwatched,
    );
  const replaced = (score: string) =>
    `SELECT id, CASE WHEN id = 'r7' THEN ${score} ELSE score END AS score FROM (${GOOD})`;

  test.each([
    ['a score is NaN', replaced("'nan'::DOUBLE"), 'data-invalid', 'score'],
    ['a score is infinite', replaced("'inf'::DOUBLE"), 'data-invalid', 'score'],
    ['a score is NULL', replaced('NULL'), 'data-invalid', 'score'],
    ['a score is above 1', replaced('1.01'), 'data-invalid', 'score'],
    ['a score is below 0', replaced('-0.01'), 'data-invalid', 'score'],
    ['all scores are the same', `SELECT id, 0.5 AS score FROM (${GOOD})`, 'data-invalid', 'score'],
    ['an id occurs twice', `${GOOD} UNION ALL SELECT 'r3', 0.5`, 'data-invalid', 'id'],
    ['scores are texts', `SELECT id, score::VARCHAR AS score FROM (${GOOD})`, 'data-invalid', 'score'],
    ['there is no score', `SELECT id, score AS points FROM (${GOOD})`, 'data-schema', 'score'],
    ['there is no id', `SELECT id AS row, score FROM (${GOOD})`, 'data-schema', 'id'],
  ])('nothing is measured when %s, and file and column are named', async (_, select, code, column) => {
    for (const model of ['challenger', 'champion']) {
      const details = { column, file: join(world().folder, `${model}.parquet`) };
      await expect(measure({ [model]: select })).rejects.toMatchObject({ code, details });
    }
  });

  test('golden: a ranking by scores that are all the same is refused, too', async () => {
    const flat = measure({ challenger: `SELECT id, 3.5 AS score FROM (${GOOD})` }, { task: 'ranking' });
    await expect(flat).rejects.toMatchObject({ code: 'data-invalid', details: { column: 'score' } });
  });

  test('nothing is measured when no prediction belongs to a row of the holdout', async () => {
    const strangers = measure({ challenger: `SELECT 'x' || id AS id, score FROM (${GOOD})` });
    await expect(strangers).rejects.toMatchObject({ code: 'data-invalid' });
  });

  test('labels that are not 0 or 1 are no classes', async () => {
    const odd = measure({ labels: `SELECT id, CASE WHEN id = 'r7' THEN 2 ELSE y END AS y FROM (${LABELS})` });
    await expect(odd).rejects.toMatchObject({ code: 'data-invalid', details: { column: 'y' } });
    const truths = await measure({ labels: `SELECT id, y = 1 AS y FROM (${LABELS})` });
    expect(truths.measurements).toHaveLength(4);
  });

  test('EV3: more than a hundred slices are refused with the cap in the message', async () => {
    await expect(measure({}, { by: 'many' })).rejects.toMatchObject({
      code: 'data-invalid',
      message: expect.stringContaining('100'),
    });
  });

  test('EV4: a file that is not the one that was meant is an error, not a comparison', async () => {
    const [holdout, labels, challenger] = [await write('h', HOLDOUT), await write('l', LABELS), await write('c', GOOD)];
    await write('c', `SELECT id, 1 - score AS score FROM (${GOOD})`);
    const request = {
      scorecard: scorecard([criterion('auc')]),
      holdout,
      labels,
      challenger,
      columns: { id: 'id', label: 'y' },
    };
    const file = challenger.path;
    await expect(world().store.measure(request, unwatched)).rejects.toMatchObject({
      code: 'data-changed',
      details: { file },
    });
    await writeFile(file, '');
    await expect(world().store.measure(request, unwatched)).rejects.toMatchObject({
      code: 'data-unreadable',
      details: { file },
    });
  });
}
