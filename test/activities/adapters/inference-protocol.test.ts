import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { inferRequest, readAnswer } from '../../../activities/adapters/inference-protocol.ts';
import { OPEN_INFERENCE_HTTP, PLAIN_HTTP, startModelServer } from '../../servers/model-server.ts';
import type { ModelServer } from '../../servers/model-server.ts';

const row = { rate: 0.25, hour: 17, weekend: true, origin: 'ATL', missing: null, big: 9_007_199_254_740_991n };
const call = { model: 'flights late', version: '7', id: 'q-1', row };

describe('a row as an Open Inference v2 request', () => {
  const request = inferRequest(OPEN_INFERENCE_HTTP, call);

  test('each feature is a tensor of one value with the datatype of the value', () => {
    expect(JSON.parse(request.body)).toEqual({
      id: 'q-1',
      inputs: [
        { name: 'rate', shape: [1, 1], datatype: 'FP64', data: [0.25] },
        { name: 'hour', shape: [1, 1], datatype: 'INT64', data: [17] },
        { name: 'weekend', shape: [1, 1], datatype: 'BOOL', data: [true] },
        { name: 'origin', shape: [1, 1], datatype: 'BYTES', data: ['ATL'] },
        { name: 'big', shape: [1, 1], datatype: 'INT64', data: [9_007_199_254_740_991] },
      ],
    });
  });

  test('model and version are filled into the path and the id travels in a header', () => {
    expect(request.path).toBe('/v2/models/flights%20late/infer');
    expect(request.headers).toMatchObject({ 'x-request-id': 'q-1' });
  });

  test('NaN and infinity never cross the wire', () => {
    const { body } = inferRequest(OPEN_INFERENCE_HTTP, {
      ...call,
      row: { a: Number.NaN, b: Number.NEGATIVE_INFINITY },
    });
    expect(JSON.parse(body).inputs).toEqual([]);
  });
});

test('a plain server gets the row as it is, NULLs included', () => {
  expect(JSON.parse(inferRequest(PLAIN_HTTP, call).body)).toEqual({
    rows: [{ rate: 0.25, hour: 17, weekend: true, origin: 'ATL', missing: null, big: 9_007_199_254_740_991 }],
  });
});

describe('an answer', () => {
  const read = (body: unknown, http: Parameters<typeof readAnswer>[0] = OPEN_INFERENCE_HTTP) =>
    readAnswer(http, { headers: { 'x-model-version': '3' }, body: JSON.stringify(body) });

  test('the output named score wins over the first', () => {
    const outputs = [
      { name: 'label', data: [1] },
      { name: 'score', data: [0.7] },
    ];
    expect(read({ model_version: '7', outputs })).toEqual({ version: '7', score: 0.7 });
  });

  test('nested data are read in row-major order', () => {
    expect(read({ model_version: '7', outputs: [{ name: 'p', data: [[0.4]] }] }).score).toBe(0.4);
  });

  test('a plain answer is a number or an object with a score', () => {
    expect(read({ predictions: [0.2] }, PLAIN_HTTP)).toEqual({ version: '3', score: 0.2 });
    expect(read({ predictions: [{ score: 0.3 }] }, PLAIN_HTTP)).toEqual({ version: '3', score: 0.3 });
  });

  test.each([
    ['PR3: an absent version', { outputs: [] }],
    ['a version that is no text', { model_version: 7, outputs: [{ data: ['high'] }] }],
    ['a body that is no object', 'error page'],
  ])('%s is left out, never guessed', (_what, body) => {
    expect(read(body)).toEqual({});
  });
});

describe('servers understand it', () => {
  let servers: readonly ModelServer[] = [];
  beforeAll(async () => {
    servers = await Promise.all([
      startModelServer({ version: '7' }),
      startModelServer({ version: '3', flags: ['--plain'] }),
    ]);
  }, 60_000);
  afterAll(async () => Promise.all(servers.map(async (server) => server.stop())));

  test.each([
    ['Open Inference v2', 0, OPEN_INFERENCE_HTTP, '7'],
    ['plain rows', 1, PLAIN_HTTP, '3'],
  ] as const)('%s: version and score come back', async (_what, index, http, version) => {
    const { path, headers, body } = inferRequest(http, { model: 'm', version, id: 'q', row: { x: 0 } });
    const answer = await fetch(`${servers[index]?.url}${path}`, { method: 'POST', headers, body });
    const seen = { headers: Object.fromEntries(answer.headers), body: await answer.text() };
    expect(readAnswer(http, seen)).toEqual({ version, score: 0.5 });
  });
});
