import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';

/** Collects rows and every second renames one complete Parquet file into `<folder>/day=YYYY-MM-DD/`. */
export async function openServingLog(folder) {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  await connection.run(
    'create table log (id varchar, time timestamp, model_version varchar, status integer, score double, inputs varchar)',
  );
  const appender = await connection.createAppender('log');
  let rows = 0;
  let files = 0;

  async function flush() {
    if (rows === 0) return;
    rows = 0;
    appender.flushSync();
    const day = new Date().toISOString().slice(0, 10);
    const name = `${process.pid}-${String((files += 1)).padStart(6, '0')}.parquet`;
    const staged = join(folder, name);
    await mkdir(join(folder, `day=${day}`), { recursive: true });
    await connection.run(`copy log to '${staged.replaceAll("'", "''")}' (format parquet); delete from log`);
    await rename(staged, join(folder, `day=${day}`, name));
  }
  setInterval(() => flush().catch((error) => process.stderr.write(`${error}\n`)), 1000).unref();

  return {
    add(row) {
      rows += 1;
      appender.appendVarchar(String(row.id));
      appender.appendTimestamp({ micros: BigInt(Date.now()) * 1000n });
      appender.appendVarchar(row.model_version);
      appender.appendInteger(row.status);
      appender.appendDouble(row.score);
      appender.appendVarchar(row.inputs);
      appender.endRow();
    },
  };
}
