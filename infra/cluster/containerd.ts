import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { endGroup } from '../stack/processes.ts';
import { socketFile } from './machine.ts';
import { writeCniConfiguration } from './network.ts';
import { inState } from './places.ts';
import { readRecord, start, until, writeRecord, type RecordedProcess } from './record.ts';
import { run, succeeds } from './run.ts';

/** A tag, since the runtime looks the image of every pod's first container up by name. */
export const pauseImage = 'understudy.local/pause:local';

/** Starts containerd with a root of its own. Containers that an earlier life left in its books are struck out first. */
export async function startContainerd(): Promise<void> {
  const config = writeConfiguration();
  const first = await launchContainerd(config);
  const left = (await ctr('containers', 'list', '--quiet')).split('\n').filter(Boolean);
  if (left.length === 0) return;
  await ctr('containers', 'delete', ...left);
  // It read its books when it started; the second start reads them without the dead.
  await endGroup(first, 5000);
  const record = readRecord();
  if (record !== undefined)
    writeRecord({ ...record, processes: record.processes.filter(({ pid }) => pid !== first.pid) });
  await launchContainerd(config);
}

/** Runs `ctr` in the namespace of Kubernetes. */
async function ctr(...args: readonly string[]): Promise<string> {
  return await run('ctr', [`--address=${socketFile()}`, '--namespace=k8s.io', ...args]);
}

/** Digests of everything that containerd stores: an archive need not bring it again. */
export async function heldBlobs(): Promise<ReadonlySet<string>> {
  return new Set((await ctr('content', 'list', '--quiet')).split('\n').filter(Boolean));
}

/** Loads an archive, and names the image by its digest too: so a pod that pins it finds it without a registry. */
export async function importImage(archive: string, repository: string, digest: string): Promise<string> {
  await ctr('images', 'import', archive);
  const pinned = `${repository}@${digest}`;
  await ctr('images', 'tag', '--force', `${repository}:local`, pinned);
  return pinned;
}

async function launchContainerd(config: string): Promise<RecordedProcess> {
  const started = await start('containerd', 'containerd', [`--config=${config}`]);
  await until(
    'containerd answers',
    started,
    async () => await succeeds('ctr', [`--address=${socketFile()}`, 'version']),
  );
  return started;
}

function writeConfiguration(): string {
  const cni = inState('cni');
  for (const folder of [cni, path.dirname(socketFile())]) mkdirSync(folder, { recursive: true });
  writeCniConfiguration(path.join(cni, '10-understudy.conflist'), inState('run', 'addresses'));
  const file = inState('run', 'containerd.toml');
  const cri = 'plugins."io.containerd.grpc.v1.cri"';
  const lines = [
    'version = 2',
    `root = ${JSON.stringify(inState('containerd'))}`,
    `state = ${JSON.stringify(inState('containerd-state'))}`,
    '[grpc]',
    `address = ${JSON.stringify(socketFile())}`,
    `[${cri}]`,
    `sandbox_image = "${pauseImage}"`,
    'disable_apparmor = true',
    'restrict_oom_score_adj = true',
    // Else they lie in /run/netns among those of others.
    'netns_mounts_under_state_dir = true',
    `[${cri}.containerd]`,
    'snapshotter = "overlayfs"',
    'default_runtime_name = "runc"',
    `[${cri}.containerd.runtimes.runc]`,
    'runtime_type = "io.containerd.runc.v2"',
    `[${cri}.cni]`,
    'bin_dir = "/usr/lib/cni"',
    `conf_dir = ${JSON.stringify(cni)}`,
  ];
  writeFileSync(file, `${lines.join('\n')}\n`);
  return file;
}
