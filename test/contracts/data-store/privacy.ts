import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import {
  dayOf,
  days,
  observationFile,
  observations,
  read,
  snapshotRequest,
  take,
  unwatched,
  writeDays,
  type World,
} from './world.ts';

/** What no file that a model sees may hold: people who asked to be forgotten, and columns in the clear. */
export function privacyTests(world: () => World): void {
  test('DA7: an excluded id is in no file of the snapshot, and the exclusions change its digest', async () => {
    await writeDays(world(), 11);
    const before = await take(world());
    await writeFile(join(world().folder, 'exclude.txt'), `${dayOf(1)}/5\n${dayOf(8)}/5\n`);
    const after = await take(world(), { dataset: { ...snapshotRequest('').dataset, exclusions: 'exclude.txt' } });
    expect([after.train.rows, after.holdout.rows, after.holdoutLabels.rows]).toEqual([167, 71, 71]);
    expect(after.digest).not.toBe(before.digest);
    expect([before.exclusionsDigest, after.exclusionsDigest]).toEqual([
      undefined,
      createHash('sha256')
        .update(JSON.stringify([`${dayOf(1)}/5`, `${dayOf(8)}/5`]))
        .digest('hex'),
    ]);
  });

  test('DA7: whoever is excluded stays excluded whatever the order of the list, its blanks and its line ends', async () => {
    await writeDays(world(), 11);
    const exclusions = join(world().folder, 'exclude.txt');
    const dataset = { ...snapshotRequest('').dataset, exclusions };
    await writeFile(exclusions, `${dayOf(1)}/5\n${dayOf(8)}/5\n`);
    const before = await take(world(), { dataset });
    await writeFile(exclusions, `\uFEFF${dayOf(8)}/5  \r\n\r\n\t${dayOf(1)}/5\r\n${dayOf(8)}/5`);
    expect(await take(world(), { dataset })).toEqual(before);
  });

  test('DA7: an id that is hashed in the snapshot is excluded by its clear text', async () => {
    await writeDays(world(), 11);
    await writeFile(join(world().folder, 'exclude.txt'), `${dayOf(8)}/5`);
    const dataset = { ...snapshotRequest('').dataset, exclusions: 'exclude.txt', hash: ['id'] };
    const { holdout, holdoutLabels } = await take(world(), { dataset });
    expect([holdout.rows, holdoutLabels.rows]).toEqual([71, 71]);
    const left = `count(*) FILTER (id = sha256('${dayOf(8)}/5'))::INTEGER AS n, min(length(id))::INTEGER AS size`;
    expect(await read(world(), holdoutLabels.path, left)).toEqual([{ n: 0, size: 64 }]);
  });

  test('DA7: a NULL id is refused also when there are exclusions', async () => {
    await writeDays(world(), 11);
    await world().write(
      observationFile(4),
      `SELECT * REPLACE (NULLIF(id, '${dayOf(4)}/3') AS id) FROM (${observations(4)})`,
    );
    await writeFile(join(world().folder, 'exclude.txt'), 'somebody');
    const taking = take(world(), { dataset: { ...snapshotRequest('').dataset, exclusions: 'exclude.txt' } });
    await expect(taking).rejects.toMatchObject({ code: 'data-invalid', details: { column: 'id', check: 'unique' } });
  });

  test.each([
    ['that is not there', undefined, 'data-missing'],
    ['that is no text', 'PAR1\0\0PAR1', 'data-unreadable'],
  ])('DA7: a list of exclusions %s fails the snapshot, and nobody is let in by mistake', async (_, content, code) => {
    await writeDays(world(), 11);
    const exclusions = join(world().folder, 'erased');
    await Promise.all([content].filter((text) => text !== undefined).map(async (text) => writeFile(exclusions, text)));
    const taking = take(world(), { dataset: { ...snapshotRequest('').dataset, exclusions } });
    await expect(taking).rejects.toMatchObject({ code, details: { file: exclusions } });
  });

  test('DA7, GV10: the features of a span leave out the excluded and hash what a snapshot hashes', async () => {
    await writeDays(world(), 4);
    await writeFile(join(world().folder, 'exclude.txt'), `${dayOf(2)}/5`);
    const dataset = { ...snapshotRequest('').dataset, exclusions: 'exclude.txt', hash: ['colour'] };
    const request = { ...snapshotRequest(world().folder, { dataset }), span: days(2, 3) };
    const file = await world().store.features(request, unwatched);
    expect(file.rows).toBe(23);
    expect(await read(world(), file.path, 'min(length(colour))::INTEGER AS n')).toEqual([{ n: 64 }]);
  });

  test('GV10: a hashed column leaves the observations as a digest only, and an unlisted one not at all', async () => {
    await writeDays(world(), 11);
    const { dataset } = snapshotRequest('');
    const hashed = await take(world(), { dataset: { ...dataset, hash: ['colour'] } });
    expect(await read(world(), hashed.train.path, 'min(length(colour))::INTEGER AS n')).toEqual([{ n: 64 }]);
    const unlisted = take(world(), { dataset: { ...dataset, columns: ['amount', 'hour'] } });
    await expect(unlisted).rejects.toMatchObject({ code: 'data-schema', details: { column: 'colour' } });
  });
}
