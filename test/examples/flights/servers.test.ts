import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readdir } from 'node:fs/promises';
import { inferRequest, readAnswer } from '../../../activities/adapters/inference-protocol.ts';
import type { HttpProtocol } from '../../../activities/ports/serving.ts';
import { lintLog } from '../../../clients/lint-log.ts';
import { SERVING_LOG_TYPES } from '../../../scorecards/contracts/serving-log.ts';
import { eventually } from '../../eventually.ts';
import { FEATURES, query, smallSnapshot, startServer, temporaryFolder, trainedArtifact } from './python.ts';

const V2: HttpProtocol = { ready: '/v2/health/ready', infer: '/v2/models/{model}/infer', body: 'open-inference-v2' };
const PLAIN: HttpProtocol = { ready: '/healthy', infer: '/predict', body: 'rows', versionHeader: 'x-model-version' };
const SERVED = { model: 'flights-late', version: '3' };

interface Metadata {
  readonly inputs: readonly { readonly name: string }[];
}

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let artifact: string;
let rows: Record<string, unknown>[];
let flight: Record<string, unknown>;
let server: Awaited<ReturnType<typeof startServer>>;

beforeAll(async () => {
  folder = await temporaryFolder();
  const { train, holdout } = await smallSnapshot(folder.path);
  artifact = await trainedArtifact(folder.path, train);
  rows = await query(`select ${FEATURES.join(', ')} from '${holdout}' order by flight limit 20`);
  flight = { ...rows[0] };
}, 60_000);
afterAll(async () => folder.remove());

const post = async (path: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(server.url + path, { method: 'POST', headers, body: JSON.stringify(body) });

async function ask(http: HttpProtocol, id: string, row: Record<string, unknown> = flight) {
  const { path, headers, body } = inferRequest(http, { ...SERVED, id, row });
  const answer = await fetch(server.url + path, { method: 'POST', headers, body });
  const text = await answer.text();
  return { status: answer.status, body: text, headers: Object.fromEntries(answer.headers) };
}

/** Rows of the log whose id begins like this. */
const log = async (ids: string) => {
  const written = (await readdir(server.log, { recursive: true })).filter((name) => name.endsWith('.parquet'));
  return written.length === 0
    ? []
    : query(`from read_parquet('${server.log}/day=*/*.parquet') where starts_with(id, '${ids}') order by time`);
};

describe('serve.py', () => {
  beforeAll(async () => {
    server = await startServer(['serve.py', '--faults'], V2.ready, folder.path, artifact);
  }, 30_000);
  afterAll(async () => server.stop());

  test('speaks Open Inference v2: live, ready, and what the model takes and gives', async () => {
    const paths = ['/v2/health/live', '/v2/health/ready', '/v2/models/flights-late/ready'];
    const answers = await Promise.all(paths.map(async (path) => fetch(server.url + path)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    const metadata = (await (await fetch(`${server.url}/v2/models/flights-late/versions/3`)).json()) as Metadata;
    expect(metadata).toMatchObject({ name: 'flights-late', versions: ['3'], outputs: [{ name: 'score' }] });
    expect(metadata.inputs.map(({ name }) => name)).toEqual(FEATURES);
  });

  test('answers with its version, the score and the id that was asked with', async () => {
    const answer = await ask(V2, 'single');
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body)).toMatchObject({ id: 'single', model_name: 'flights-late', model_version: '3' });
    expect(readAnswer(V2, answer)).toEqual({ version: '3', score: expect.any(Number) });
  });

  test('answers several rows at once as it answers each alone', async () => {
    const some = rows.slice(0, 3);
    const alone = await Promise.all(
      some.map(async (row, position) => readAnswer(V2, await ask(V2, `${position}`, row))),
    );
    const inputs = FEATURES.map((name) => ({
      name,
      shape: [3, 1],
      datatype: 'FP64',
      data: some.map((row) => row[name]),
    }));
    const answer = await (await post('/v2/models/flights-late/infer', { inputs })).json();
    expect(answer).toMatchObject({ outputs: [{ name: 'score', data: alone.map(({ score }) => score) }] });
  });

  test('logs one row per answer, whole files only, in the columns of the contract', async () => {
    await Promise.all(rows.map(async (row, position) => ask(V2, `pair-${position}`, row)));
    const logged = await eventually(
      async () => log('pair-'),
      (found) => found.length === rows.length,
    );
    expect(logged.map((row) => Object.keys(row))).toEqual(rows.map(() => [...Object.keys(SERVING_LOG_TYPES), 'day']));
    expect(new Set(logged.map(({ id }) => id)).size).toBe(rows.length);
    const first = logged.find(({ id }) => id === 'pair-0');
    expect(first).toMatchObject({ model_version: '3', status: 200, score: expect.any(Number) });
    expect(JSON.parse(String(first?.['inputs']))).toEqual(flight);
  });

  test('the score that was answered is the score that is logged, and the log passes understudy lint --log', async () => {
    const { answered, logged } = await answeredAndLogged(V2, 'score');
    expect(logged).toEqual(answered);
    expect(new Set(Object.values(logged)).size).toBeGreaterThan(10);
    expect(await lintLog(server.log)).toMatchObject({ kind: 'ServingLog', ok: true, diagnostics: [] });
  });

  test('names what is wrong with a request instead of guessing', async () => {
    const { hour: _left, ...incomplete } = flight;
    expect(await ask(V2, 'a', incomplete)).toMatchObject({
      status: 400,
      body: expect.stringContaining("inputs lack ['hour']"),
    });
    const text = await ask(V2, 'b', { ...flight, hour: 'noon' });
    expect(text).toMatchObject({ status: 400, body: expect.stringContaining("hour holds ['noon']; expected numbers") });
    expect((await post('/v2/models/flights-late/infer', 'nonsense')).status).toBe(400);
    expect((await post('/v2/models/other/infer', {})).status).toBe(404);
    expect((await post('/v2/models/flights-late/versions/4/infer', {})).status).toBe(404);
  });

  test('fails the asked share of answers, says so in the log, and mends', async () => {
    expect((await post('/faults', { errors: 1 })).status).toBe(200);
    expect(await ask(V2, 'fault-bad')).toMatchObject({ status: 500, headers: { 'x-model-version': '3' } });
    expect((await post('/faults', { errors: 1.5 })).status).toBe(400);
    await post('/faults', { errors: 0 });
    expect(await ask(V2, 'fault-good')).toMatchObject({ status: 200 });
    const logged = await eventually(
      async () => log('fault-'),
      (found) => found.length === 2,
    );
    expect(logged).toMatchObject([
      { id: 'fault-bad', status: 500, score: null },
      { id: 'fault-good', status: 200 },
    ]);
  });
});

/** The answered scores and the logged ones, by id. */
async function answeredAndLogged(http: HttpProtocol, name: string) {
  const answered = await Promise.all(
    rows.map(async (row, position) => {
      const id = `${name}-${position}`;
      return [id, readAnswer(http, await ask(http, id, row)).score] as const;
    }),
  );
  const logged = await eventually(
    async () => log(`${name}-`),
    (found) => found.length === rows.length,
  );
  return {
    answered: Object.fromEntries(answered),
    logged: Object.fromEntries(logged.map(({ id, score }) => [id, score])),
  };
}

describe('serve.py without --faults', () => {
  test('cannot be told to fail, and writes what is not yet logged when it is stopped', async () => {
    server = await startServer(['serve.py'], V2.ready, folder.path, artifact);
    expect((await post('/faults', { errors: 1 })).status).toBe(404);
    expect(await ask(V2, 'good')).toMatchObject({ status: 200 });
    await Promise.all(rows.map(async (row, position) => ask(V2, `last-${position}`, row)));
    await server.stop();
    expect(await log('last-')).toHaveLength(rows.length);
  });
});

describe('plain_server.py', () => {
  test('any server will do: serving.http describes a POST of rows with the version in a header', async () => {
    server = await startServer(['plain_server.py'], PLAIN.ready, folder.path, artifact);
    const answer = await ask(PLAIN, 'plain-1');
    expect(answer.status).toBe(200);
    expect(readAnswer(PLAIN, answer)).toEqual({ version: '3', score: expect.any(Number) });
    expect(await ask(PLAIN, 'plain-2', { hour: 3 })).toMatchObject({ status: 400 });
    const { answered, logged } = await answeredAndLogged(PLAIN, 'score');
    expect(logged).toEqual(answered);
    await server.stop();
    expect(await log('plain')).toMatchObject([{ id: 'plain-1', model_version: '3', status: 200 }]);
    expect(await lintLog(server.log)).toMatchObject({ kind: 'ServingLog', ok: true, diagnostics: [] });
  });
});
