/**
 * A trainer under the trainer's contract for a pod: says that it began and waits to be let go at the address that its
 * parameter `control` names. In mode `predict` a row's score follows its x.
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';

const spec = JSON.parse(await readFile(process.env.UNDERSTUDY_SPEC, 'utf8'));
const digest = (bytes) => createHash('sha256').update(bytes).digest('hex');
const answer = async (result) => writeFile(join(spec.output, 'result.json'), JSON.stringify(result));

async function train() {
  await fetch(`${spec.params.control}/${spec.run}`);
  const text = `trained as ${spec.run}`;
  await mkdir(join(spec.output, 'model'), { recursive: true });
  await writeFile(join(spec.output, 'model', 'model.txt'), text);
  const artifact = { path: 'model', files: [{ path: 'model.txt', sha256: digest(text) }] };
  await answer({ mode: 'train', artifact, metrics: { rows: 1 }, stepsDone: 1 });
}

async function predict() {
  const into = join(spec.output, 'predictions.parquet');
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const rows = `read_parquet('${spec.files[0].path}')`;
  await connection.run(
    `copy (select id, 1 / (1 + exp(-x)) as score from ${rows} order by id) to '${into}' (format parquet)`,
  );
  const counted = await connection.runAndReadAll(`select count(*)::int as n from ${rows}`);
  const predictions = {
    path: 'predictions.parquet',
    sha256: digest(await readFile(into)),
    rows: counted.getRows()[0][0],
  };
  await answer({ mode: 'predict', predictions });
}

await (spec.mode === 'train' ? train() : predict());
