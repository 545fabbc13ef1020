import { access, constants, stat } from 'node:fs/promises';
import path from 'node:path';
import { pythonBin } from '../infra/python.ts';
import { searchAttributes } from '../infra/stack/search-attributes.ts';
import { readStack } from '../infra/stack/state.ts';
import { errorCode, messageOf } from '../infra/error-code.ts';
import { findAddresses } from '../workers/addresses.ts';
import type { Addresses } from '../workers/addresses.ts';
import { loadSettings } from '../workers/settings-file.ts';
import type { SettingsFile } from '../workers/settings-file.ts';
import { CONTROL_QUEUE } from '../activities/door.ts';
import type { TrafficTarget } from '../activities/ports/gateway.ts';
import { PortFailure } from '../activities/ports/port-failure.ts';
import type { PreflightFinding } from '../activities/ports/preflight.ts';
import { lookAhead, planOf } from '../activities/preflight.ts';
import { withSession } from './connect.ts';
import { metricsCheck } from './doctor-metrics.ts';
import { objectChecks } from './doctor-objects.ts';
import { ANSWER_MS, get, saidWhileWaiting } from './patience.ts';
import type { Session } from './connect.ts';
import type { PolicyFile } from './policy-file.ts';
import type { Screen } from './terminal.ts';

export type Check = PreflightFinding;

/**
 * Looks at everything that a run needs, and at all that these policies will ask for. Changes nothing but one thing: where
 * evidence is to lie in S3, it writes the object that the first run would write.
 */
export async function examine(screen: Screen, policies: readonly PolicyFile[] = []): Promise<readonly Check[]> {
  const file = await loadSettings(screen.config);
  const addresses = findAddresses(file);
  const groups = await Promise.all([
    temporalChecks(screen, addresses),
    mlflowCheck(screen, addresses.mlflow),
    gatewayChecks(screen, file, addresses),
    stateCheck(file),
    pythonCheck(),
    placesChecks(file, policies),
    objectChecks(screen, file, policies),
    metricsCheck(file),
  ]);
  return [...groups.flat(), ...trustCheck(file)];
}

/** What the policies of one installation have in common is said once. */
async function placesChecks(file: SettingsFile, policies: readonly PolicyFile[]): Promise<Check[]> {
  if (policies.length === 0 && file.settings.kubernetes === undefined) return [];
  // Half of the product comes with the wiring: loaded only for whoever needs it.
  const { clusterPreflight, wirePorts } = await import('../workers/wiring.ts');
  const preflight = clusterPreflight(file);
  if (policies.length === 0) return [...(await preflight.look())];
  // Wired only when a route is asked for: a kubeconfig that cannot be read must not hide the other findings.
  const gateway = (target: TrafficTarget) => asFound(() => wirePorts(file, () => undefined)).gateway(target);
  const looked = { preflight, gateway, testCommands: file.settings.worker.testCommands };
  const all = await Promise.all(
    policies.map(async ({ policy, scorecard }) => lookAhead(looked, planOf(policy, scorecard))),
  );
  const said = new Map(all.flat().map((check) => [JSON.stringify(check), check]));
  return [...said.values()];
}

/** A file of the settings that cannot be read is an error of Node; here it is a finding like any other. */
function asFound<T>(wire: () => T): T {
  try {
    return wire();
  } catch (error) {
    if (error instanceof PortFailure) throw error;
    throw new PortFailure('bad-request', error instanceof Error ? error.message : String(error), { cause: error });
  }
}

async function temporalChecks(screen: Screen, { temporal }: Addresses): Promise<Check[]> {
  const where = `${temporal.address}, namespace ${temporal.namespace}`;
  try {
    return await withSession(screen, async (session) =>
      saidWhileWaiting(screen, `Temporal at ${temporal.address}`, async () =>
        session.connection.withDeadline(Date.now() + ANSWER_MS, async () => [
          await serverCheck(session, where),
          await attributesCheck(session, temporal.namespace),
          await workerCheck(session, temporal.namespace),
        ]),
      ),
    );
  } catch (error) {
    return [
      {
        name: 'temporal',
        state: 'problem',
        text: messageOf(error),
        next: 'understudy stack up, or set TEMPORAL_ADDRESS',
      },
    ];
  }
}

async function serverCheck({ connection }: Session, where: string): Promise<Check> {
  const { serverVersion } = await connection.workflowService.getSystemInfo({});
  return { name: 'temporal', state: 'ok', text: `${where}, server ${serverVersion ?? 'of unknown version'}` };
}

async function attributesCheck({ connection }: Session, namespace: string): Promise<Check> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  const all = Object.keys(searchAttributes);
  const missing = all.filter((name) => customAttributes?.[name] === undefined);
  const text = `${all.length - missing.length} of ${all.length}`;
  const name = 'search attributes';
  if (missing.length === 0) return { name, state: 'ok', text };
  return { name, state: 'problem', text: `${text}; missing: ${missing.join(', ')}`, next: 'understudy bootstrap' };
}

async function workerCheck({ connection }: Session, namespace: string): Promise<Check> {
  const { pollers } = await connection.workflowService.describeTaskQueue({
    namespace,
    taskQueue: { name: CONTROL_QUEUE },
    taskQueueType: 1,
  });
  const count = pollers?.length ?? 0;
  if (count > 0) return { name: 'worker', state: 'ok', text: `${count} on ${CONTROL_QUEUE}` };
  return {
    name: 'worker',
    state: 'problem',
    text: `nobody polls ${CONTROL_QUEUE}`,
    next: 'understudy stack up, or understudy worker',
  };
}

/** Pointers need the alias route, which appeared in MLflow 2.3; a model that is not there must be said to be missing. */
async function mlflowCheck(screen: Screen, uri: string): Promise<Check[]> {
  const next = 'understudy stack up, or set mlflow.uri';
  try {
    const { text: version } = await get(screen, `${uri}/version`);
    const route = `${uri}/api/2.0/mlflow/registered-models/alias?name=understudy-doctor&alias=champion`;
    const code = errorCodeIn((await get(screen, route)).text);
    const known = code === 'RESOURCE_DOES_NOT_EXIST' || code === 'INVALID_PARAMETER_VALUE';
    if (known) return [{ name: 'mlflow', state: 'ok', text: `${version.trim()} at ${uri}, alias route answers` }];
    const text = `${version.trim()} at ${uri} has no alias route (error code ${code})`;
    return [{ name: 'mlflow', state: 'problem', text, next: 'use MLflow 3' }];
  } catch (error) {
    return [{ name: 'mlflow', state: 'problem', text: `${uri} does not answer: ${reasonOf(error)}`, next }];
  }
}

function errorCodeIn(text: string): string {
  const [, code = 'none'] = /"error_code"\s*:\s*"(\w+)"/.exec(text) ?? [];
  return code;
}

/** The counters of every gateway that policies may name here: the one that is steered by files, and the cluster's. */
async function gatewayChecks(
  screen: Screen,
  { settings, stateDir }: SettingsFile,
  { gatewayMetrics }: Addresses,
): Promise<Check[]> {
  const answering = async (url: string, next: string) => gatewayCheck(screen, url, next);
  const ofCluster = settings.kubernetes?.gateway?.metrics ?? [];
  const isNamed = Object.keys(settings.gateway).length > 0 || readStack(stateDir) !== undefined;
  const byFiles = isNamed || ofCluster.length === 0 ? [gatewayMetrics] : [];
  const checks = await Promise.all([
    ...byFiles.map(async (url) => answering(url, 'understudy stack up, or set gateway.metrics')),
    ...ofCluster.map(async (url) => answering(url, 'correct kubernetes.gateway.metrics')),
  ]);
  return checks;
}

async function gatewayCheck(screen: Screen, url: string, next: string): Promise<Check> {
  const name = 'gateway';
  try {
    const { status } = await get(screen, url);
    if (status === 200) return { name, state: 'ok', text: url };
    return { name, state: 'problem', text: `${url} answers ${status}`, next };
  } catch (error) {
    return { name, state: 'problem', text: `${url} does not answer: ${reasonOf(error)}`, next };
  }
}

/** A folder that is not there is made by whoever writes first: then the nearest one above must let him. */
async function stateCheck({ stateDir }: SettingsFile): Promise<Check[]> {
  try {
    const there = await nearestFolder(stateDir);
    await access(there, constants.W_OK);
    const text = there === stateDir ? stateDir : `${stateDir} (made when it is first needed)`;
    return [{ name: 'state', state: 'ok', text }];
  } catch (error) {
    const next = 'make it writable, or set state in the settings';
    return [{ name: 'state', state: 'problem', text: `cannot write ${stateDir}: ${messageOf(error)}`, next }];
  }
}

async function nearestFolder(folder: string): Promise<string> {
  try {
    if ((await stat(folder)).isDirectory()) return folder;
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
    return nearestFolder(path.dirname(folder));
  }
  throw new Error(`${folder} is not a folder`);
}

/** Workers and offline commands need Node only. */
async function pythonCheck(): Promise<Check[]> {
  try {
    return [{ name: 'python', state: 'ok', text: pythonBin('python') }];
  } catch {
    const text = 'no embedded environment: policies must name their own Python, and the stack cannot start';
    return [{ name: 'python', state: 'warning', text, next: 'node infra/setup.mjs' }];
  }
}

function trustCheck({ settings }: SettingsFile): Check[] {
  if (settings.approval.trust === 'signed') return [{ name: 'approval.trust', state: 'ok', text: 'signed' }];
  const text = 'namespace: whoever may write to the Temporal namespace may approve';
  return [{ name: 'approval.trust', state: 'warning', text, next: 'restrict access to the namespace' }];
}

/** `fetch` hides the reason one level down. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return messageOf(cause);
}
