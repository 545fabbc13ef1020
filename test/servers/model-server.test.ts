import { expect, test } from '@jest/globals';
import { DuckDBInstance } from '@duckdb/node-api';
import { SERVING_LOG_TYPES } from '../../scorecards/contracts/serving-log.ts';
import { sendTraffic, until } from '../traffic.ts';
import { startModelServer } from './model-server.ts';

test("the test server's log holds one row per answer, errors included, under the id of the caller", async () => {
  const server = await startModelServer({ version: '7', flags: ['--log'] });
  await server.fault({ errors: 0.25 });
  await sendTraffic(server.url, 'm', 8);
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const read = async () =>
    connection.runAndReadAll(`select * exclude (day) from read_parquet('${server.log}/day=*/*.parquet') order by id`);
  const rowsNow = async () => (await read().catch(() => undefined))?.currentRowCount;
  await until('all rows are there', async () => (await rowsNow()) === 8);
  const reader = await read();
  await server.stop();
  expect(reader.columnNames()).toEqual(Object.keys(SERVING_LOG_TYPES));
  const rows = reader.getRowObjectsJson();
  expect(rows.map((row) => row['id'])).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map((index) => `q-${index}`));
  expect(rows.filter((row) => row['status'] === 500)).toHaveLength(2);
  expect(rows[0]).toMatchObject({ model_version: '7', inputs: '{"x":0.5}' });
});
