/**
 * A trainer under the trainer's contract, as a process or in a pod: it tells that it began, stays at work until it is let go,
 * and predicts what test/servers/model-server.mjs would answer.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { DuckDBInstance } from '@duckdb/node-api';

const spec = JSON.parse(await readFile(process.env.UNDERSTUDY_SPEC, 'utf8'));
const digest = (bytes) => createHash('sha256').update(bytes).digest('hex');
const answer = async (result) => writeFile(join(spec.output, 'result.json'), JSON.stringify(result));

async function train() {
  await (spec.params.control === undefined ? workBesideFiles() : fetch(`${spec.params.control}/${spec.run}`));
  const text = `trained as ${spec.run}`;
  await mkdir(join(spec.output, 'model'), { recursive: true });
  await writeFile(join(spec.output, 'model', 'model.txt'), text);
  const artifact = { path: 'model', files: [{ path: 'model.txt', sha256: digest(text) }] };
  await answer({ mode: 'train', artifact, metrics: { rows: 1 }, stepsDone: 1 });
}

/** Notes the training in `trainings` of the working directory, and stays while `hold/training` is there. */
async function workBesideFiles() {
  await appendFile('trainings', `${spec.run}\n`);
  while (existsSync('hold/training')) await setTimeout(50);
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
