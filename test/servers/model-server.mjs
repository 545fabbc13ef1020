/**
 * A tiny model server that speaks our server contract: started with UNDERSTUDY_SPEC, it answers Open Inference v2, or with
 * `--plain` a `POST /predict` of rows with the version in the header `x-model-version`. Not a mock: a program like a user's.
 *
 * Options: `--plain` `--ready-after MS` `--never-ready` `--crash TEXT` `--claim VERSION` (names another version)
 * `--helper` (starts a child process of its own, as web servers do) `--log` (writes the Parquet serving log).
 * Faults: POST /faults {"errors": 0.5, "delayMs": 20, "hang": true, "stallMs": 300, "exit": 3}; POST /faults {} mends all.
 * GET /seen tells what was asked: {"requests", "shadowed", "ids"}.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';

const { values: options } = parseArgs({
  options: {
    plain: { type: 'boolean', default: false },
    'ready-after': { type: 'string', default: '0' },
    'never-ready': { type: 'boolean', default: false },
    crash: { type: 'string' },
    claim: { type: 'string' },
    helper: { type: 'boolean', default: false },
    log: { type: 'boolean', default: false },
  },
});
const spec = JSON.parse(readFileSync(process.env.UNDERSTUDY_SPEC, 'utf8'));
const version = options.claim ?? spec.version;
const startedAt = Date.now();
const seen = { requests: 0, shadowed: 0, ids: [] };
let faults = {};
let owedErrors = 0;

if (options.crash !== undefined) {
  process.stderr.write(`${options.crash}\n`);
  process.exit(3);
}
if (options.helper) spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
const log = options.log ? await (await import('./serving-log.mjs')).openServingLog(spec.log) : undefined;

const score = (features) => {
  const total = Object.values(features).reduce((sum, value) => sum + (typeof value === 'number' ? value : 0), 0);
  return 1 / (1 + Math.exp(-total));
};

function json(response, status, body, headers = {}) {
  response.writeHead(status, { 'content-type': 'application/json', 'x-model-version': version, ...headers });
  response.end(JSON.stringify(body));
}

async function bodyOf(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString('utf8') || '{}');
}

/** Spreads the asked share of errors evenly, so that a test can count them. */
function isBad() {
  owedErrors += faults.errors ?? 0;
  if (owedErrors < 1 - 1e-9) return false;
  owedErrors -= 1;
  return true;
}

/** Holds up this request and everything behind it, once: what garbage collection or a lock does to a server. */
function stallOnce() {
  const until = Date.now() + (faults.stallMs ?? 0);
  faults.stallMs = 0;
  while (Date.now() < until);
}

async function infer(request, response, answer) {
  const body = await bodyOf(request);
  const id = request.headers['x-request-id'] ?? body.id ?? null;
  seen.requests += 1;
  seen.ids.push(id);
  if (request.headers['x-understudy-shadow'] !== undefined) seen.shadowed += 1;
  if (faults.hang) return;
  stallOnce();
  if (faults.delayMs) await new Promise((resolve) => setTimeout(resolve, faults.delayMs));
  const bad = isBad();
  const features = options.plain
    ? body.rows[0]
    : Object.fromEntries(body.inputs.map((input) => [input.name, input.data[0]]));
  const value = score(features);
  log?.add({ id, model_version: version, status: bad ? 500 : 200, score: value, inputs: JSON.stringify(features) });
  if (bad) json(response, 500, { error: 'asked to fail' });
  else json(response, 200, answer(id, value));
}

const inference = (id, value) => ({
  model_name: spec.model,
  model_version: version,
  id,
  outputs: [{ name: 'score', shape: [1, 1], datatype: 'FP64', data: [value] }],
});
const prediction = (id, value) => ({ predictions: [{ id, score: value }] });

const isReady = () => !options['never-ready'] && Date.now() - startedAt >= Number(options['ready-after']);
const answerReady = (_request, response) => json(response, isReady() ? 200 : 503, {});
const routes = {
  'POST /faults': async (request, response) => {
    faults = await bodyOf(request);
    if (faults.exit !== undefined) process.exit(faults.exit);
    json(response, 200, {});
  },
  'GET /seen': (_request, response) => json(response, 200, seen),
};
const plain = {
  'GET /healthz': answerReady,
  'POST /predict': (request, response) => infer(request, response, prediction),
};
const openInference = {
  'GET /v2/health/ready': answerReady,
  [`GET /v2/models/${spec.model}`]: (_request, response) =>
    json(response, 200, { name: spec.model, versions: [version], platform: 'node', inputs: [], outputs: [] }),
  [`GET /v2/models/${spec.model}/versions/${version}`]: (_request, response) =>
    json(response, 200, { name: spec.model, versions: [version], platform: 'node', inputs: [], outputs: [] }),
  [`POST /v2/models/${spec.model}/infer`]: (request, response) => infer(request, response, inference),
};
const table = { ...routes, ...(options.plain ? plain : openInference) };

const server = createServer((request, response) => {
  const route = table[`${request.method} ${request.url.split('?')[0]}`];
  Promise.resolve(route ? route(request, response) : json(response, 404, { error: `no ${request.url}` })).catch(
    (error) => json(response, 400, { error: String(error) }),
  );
});
server.keepAliveTimeout = 60_000;
server.listen(spec.port, spec.host, () =>
  process.stdout.write(`serving ${spec.model} version ${version} on ${spec.port}\n`),
);
process.on('SIGTERM', () => process.exit(0));
