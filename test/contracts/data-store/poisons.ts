import { readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SnapshotRequest } from '../../../activities/ports/data-store.ts';
import { dayOf, labelFile, labels, observationFile, observations, type World } from './world.ts';

export interface Poison {
  /** What is wrong, as the end of a sentence. */
  readonly title: string;
  /** Spoils a world of eleven good days. */
  readonly spoil: (world: World) => Promise<unknown>;
  readonly code: string;
  /** File of the details, relative to the folder. */
  readonly file?: string;
  readonly column?: string;
  /** Must be in the message. */
  readonly says?: string;
  readonly request?: (request: SnapshotRequest) => Partial<SnapshotRequest>;
}

const DAY_3 = observationFile(3);
const columns = (amount: string) => `${amount} AS amount, 'c' AS colour, i::INTEGER AS hour`;
const replaceDay3 = (select: string) => (world: World) => world.write(DAY_3, select);

export const POISONS: readonly Poison[] = [
  {
    title: 'a day is missing in the training data',
    spoil: ({ folder }) => rm(join(folder, DAY_3)),
    code: 'data-missing',
    says: dayOf(3),
  },
  {
    title: 'a day is missing in the holdout',
    spoil: ({ folder }) => rm(join(folder, observationFile(8))),
    code: 'data-missing',
    says: dayOf(8),
  },
  {
    title: 'the labels of a day are missing',
    spoil: ({ folder }) => rm(join(folder, labelFile(5))),
    code: 'data-missing',
    says: dayOf(5),
  },
  {
    title: 'a day has labels of other rows only',
    spoil: (world) => world.write(labelFile(5), labels(2)),
    code: 'data-missing',
    says: dayOf(5),
  },
  {
    title: 'a file has 0 bytes',
    spoil: ({ folder }) => writeFile(join(folder, DAY_3), ''),
    code: 'data-unreadable',
    file: DAY_3,
    says: '0 bytes',
  },
  {
    title: 'a file is cut off',
    spoil: ({ folder }) => truncate(join(folder, DAY_3), 700),
    code: 'data-unreadable',
    file: DAY_3,
    says: 'cut off',
  },
  {
    title: 'a label file is cut off',
    spoil: ({ folder }) => truncate(join(folder, labelFile(3)), 300),
    code: 'data-unreadable',
    file: labelFile(3),
  },
  {
    title: 'pages of a file are overwritten',
    spoil: ({ folder }) => overwrite(join(folder, DAY_3)),
    code: 'data-unreadable',
    file: DAY_3,
  },
  {
    title: 'a column is gone',
    spoil: replaceDay3(observations(3, "'c' AS colour, 1 AS hour")),
    code: 'data-schema',
    file: DAY_3,
    column: 'amount',
  },
  {
    title: 'a column has text where others have numbers',
    spoil: replaceDay3(observations(3, columns("'seven'"))),
    code: 'data-schema',
    file: DAY_3,
    column: 'amount',
    says: 'VARCHAR',
  },
  {
    title: 'a column is all NULL in one file',
    spoil: replaceDay3(observations(3, columns('NULL::DOUBLE'))),
    code: 'data-invalid',
    file: DAY_3,
    column: 'amount',
  },
  {
    title: 'too many values are NULL',
    spoil: replaceDay3(observations(3, columns('CASE WHEN i < 22 THEN NULL ELSE 1e0 END'))),
    code: 'data-invalid',
    file: DAY_3,
    column: 'amount',
    says: '5.0 %',
  },
  {
    title: 'a feature is NaN',
    spoil: replaceDay3(observations(3, columns("CASE WHEN i = 5 THEN 'nan'::DOUBLE ELSE 1e0 END"))),
    code: 'data-invalid',
    file: DAY_3,
    column: 'amount',
    says: '1 NaN',
  },
  {
    title: 'a feature is infinite',
    spoil: replaceDay3(observations(3, columns("CASE WHEN i = 5 THEN '-inf'::DOUBLE ELSE 1e0 END"))),
    code: 'data-invalid',
    file: DAY_3,
    column: 'amount',
  },
  {
    title: 'an id occurs twice',
    spoil: replaceDay3(`${observations(3)} UNION ALL ${observations(3)} LIMIT 25`),
    code: 'data-invalid',
    file: DAY_3,
    column: 'id',
    says: '2 times',
  },
  {
    title: 'a partition was delivered twice',
    spoil: (world) => world.write(DAY_3.replace('data', 'again'), observations(3)),
    code: 'data-invalid',
    column: 'id',
  },
  {
    title: 'an id is NULL',
    spoil: replaceDay3(`SELECT NULL::VARCHAR AS id, * EXCLUDE (id) FROM (${observations(3)})`),
    code: 'data-invalid',
    file: DAY_3,
    column: 'id',
    says: 'NULL',
  },
  {
    title: 'two labels contradict each other',
    spoil: (world) =>
      world.write(labelFile(3), `${labels(3)} UNION ALL SELECT '${dayOf(3)}/1', 1, TIMESTAMP '${dayOf(3)} 02:00:00'`),
    code: 'data-invalid',
    file: labelFile(3),
    says: 'contradict',
  },
  { title: 'a label is NaN', spoil: nanLabels, code: 'data-invalid', column: 'y' },
  { title: 'the time is a text', spoil: textTimes, code: 'data-schema', column: 'seen', says: 'VARCHAR' },
  { title: 'the ids of the labels are numbers', spoil: numberIds, code: 'data-schema', column: 'id', says: 'BIGINT' },
  {
    title: 'there are too few rows',
    spoil: async () => undefined,
    code: 'data-invalid',
    says: 'minRows',
    request: ({ dataset }) => ({ dataset: { ...dataset, checks: { ...dataset.checks, minRows: 169 } } }),
  },
  {
    title: 'the newest observation is too old',
    spoil: async () => undefined,
    code: 'data-stale',
    says: dayOf(10),
    request: () => ({ asOf: `${dayOf(13)}T06:00:00Z` }),
  },
  {
    title: 'there is nothing at all',
    spoil: ({ folder }) => rm(join(folder, 'observations'), { recursive: true }),
    code: 'data-stale',
  },
  {
    title: 'the label is a feature',
    spoil: async () => undefined,
    code: 'data-schema',
    column: 'y',
    request: () => ({ features: ['y'] }),
  },
];

/** The first pages; header and footer stay, so only reading the pages can find out. */
async function overwrite(path: string): Promise<void> {
  const content = await readFile(path);
  await writeFile(path, content.fill(0xa5, 4, Math.floor(content.length / 3)));
}

async function nanLabels(world: World): Promise<void> {
  for (let index = 0; index < 11; index += 1)
    await world.write(
      labelFile(index),
      `SELECT id, CASE WHEN y = 1 THEN 'nan'::DOUBLE ELSE 0 END AS y, known_at FROM (${labels(index)})`,
    );
}

async function textTimes(world: World): Promise<void> {
  for (let index = 0; index < 11; index += 1)
    await world.write(
      observationFile(index),
      `SELECT id, seen::VARCHAR AS seen, amount, colour, hour FROM (${observations(index)})`,
    );
}

async function numberIds(world: World): Promise<void> {
  for (let index = 0; index < 11; index += 1)
    await world.write(labelFile(index), `SELECT row_number() OVER () AS id, y, known_at FROM (${labels(index)})`);
}
