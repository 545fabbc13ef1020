import { mkdirSync, rmSync } from 'node:fs';
import { isAlive } from '../stack/processes.ts';
import { clientOf, isReady } from './api.ts';
import { loadBaseImages } from './base-images.ts';
import { buildPrograms } from './binaries.ts';
import { cleanUp } from './clean-up.ts';
import { startContainerd } from './containerd.ts';
import { startControlPlane } from './control-plane.ts';
import { makeCredentials } from './credentials.ts';
import { startDns } from './dns.ts';
import { say } from './failure.ts';
import { runAsProgram } from './program.ts';
import { gatewayAddresses, startGateway } from './gateway.ts';
import { installPackages } from './machine.ts';
import { makeNetwork } from './network.ts';
import { startNode } from './node.ts';
import { inState, kubeconfigFile } from './places.ts';
import { loadProjectImages } from './project-images.ts';
import { readRecord, writeRecord } from './record.ts';

await runAsProgram(async () => {
  if (await isUp()) {
    say(`the cluster is up already; KUBECONFIG=${kubeconfigFile}`);
    return;
  }
  await installPackages();
  const programs = await buildPrograms();
  if (await cleanUp()) say('cleared away what an earlier start left behind');
  writeRecord({ phase: 'starting', processes: [], sysctls: {} });
  rmSync(inState('images.json'), { force: true });
  mkdirSync(inState('images'), { recursive: true });
  await makeNetwork();
  say('network namespace made');
  await startControlPlane(programs, makeCredentials());
  say('control plane ready');
  await startDns(programs);
  await startContainerd();
  await loadBaseImages();
  await startNode(programs);
  say('node ready');
  await startGateway();
  say(`gateway ready at ${gatewayAddresses.url}`);
  await loadProjectImages();
  const record = readRecord();
  if (record !== undefined) writeRecord({ ...record, phase: 'ready' });
  say(`the cluster is up; KUBECONFIG=${kubeconfigFile}`);
});

async function isUp(): Promise<boolean> {
  const record = readRecord();
  if (record?.phase !== 'ready' || !record.processes.every(isAlive)) return false;
  return await isReady(clientOf(kubeconfigFile)).catch(() => false);
}
