import { existsSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { fileRef } from '../../activities/adapters/duckdb/parquet-files.ts';
import type { Model, Models } from './models.ts';
import type { Window } from './weeks.ts';

/** A model that is trained on the rows of the window for which the SQL condition holds, and on no other. */
export async function trainOnPart(
  models: Models,
  window: Window,
  part: { readonly name: string; readonly where: string },
): Promise<Model> {
  const { train } = await models.snapshot(window);
  const folder = path.join(path.dirname(train.path), 'parts');
  await mkdir(folder, { recursive: true });
  const file = path.join(folder, `${part.name}.parquet`);
  if (!existsSync(file)) {
    await copyRows(train.path, `${file}.doing`, part.where);
    await rename(`${file}.doing`, file);
  }
  return models.train(window, { name: part.name, file: await fileRef(file, path.basename(file)) });
}

/** One thread, so that the rows keep their order and the file its bytes. */
async function copyRows(from: string, to: string, where: string): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  try {
    await connection.run(`copy (select * from read_parquet('${from}') where ${where}) to '${to}' (format parquet)`);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
