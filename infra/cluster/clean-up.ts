import {
  existsSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { endGroup } from '../stack/processes.ts';
import { ClusterFailure, say } from './failure.ts';
import { cgroupName, inState, network, stateDir } from './places.ts';
import { readRecord, removeRecord } from './record.ts';
import { run, succeeds } from './run.ts';

const graceMs = 5000;
const cgroupRoot = '/sys/fs/cgroup';
const namespaceFile = `/var/run/netns/${network.namespace}`;
/** Files of one life of the cluster. What is not named survives: unpacked images, image references. */
const ephemeral = ['run', 'etcd', 'kubelet', 'containerd-state', 'manifests', 'cni', 'credentials', 'kubeconfig'];

/**
 * Clears away whatever an earlier `up` made, also one that was killed half-way: processes by recorded id, then all that
 * still lives in our network namespace or below our cgroup (shims and pods: nobody else can be in there), mounts, cgroups,
 * the namespace, kernel settings. Does nothing when there is nothing.
 */
export async function cleanUp(): Promise<boolean> {
  const record = readRecord();
  if (record === undefined) {
    refuseForeignNamespace();
    return false;
  }
  // The kubelet goes first, lest it start again what is ended after it.
  for (const one of record.processes.toReversed()) await endGroup(one, graceMs);
  await endStragglers();
  // The kernel names mounts by the path without links.
  await unmountBelow(realpathSync(stateDir));
  removeShimSockets();
  removeCgroups();
  if (existsSync(namespaceFile)) await run('ip', ['netns', 'delete', network.namespace]);
  // The kernel removes it with the namespace, a moment later.
  await succeeds('ip', ['link', 'delete', network.link]);
  for (const [file, value] of Object.entries(record.sysctls)) writeFileSync(path.join('/proc/sys', file), value);
  for (const name of ephemeral) rmSync(inState(name), { recursive: true, force: true });
  removeRecord();
  return true;
}

function refuseForeignNamespace(): void {
  if (!existsSync(namespaceFile)) return;
  throw new ClusterFailure(
    `the network namespace "${network.namespace}" is there, but ${stateDir} knows nothing of it: another checkout runs its cluster; run "npm run cluster:down" there (or, if that checkout is gone, "ip netns delete ${network.namespace}")`,
  );
}

async function endStragglers(): Promise<void> {
  for (const end = Date.now() + graceMs * 2; ;) {
    const left = [...new Set([...processesInNamespace(), ...processesInCgroups()])].filter(
      (pid) => pid !== process.pid,
    );
    if (left.length === 0) return;
    if (Date.now() > end) throw new ClusterFailure(`these processes of the cluster do not end: ${left.join(', ')}`);
    for (const pid of left) kill(pid);
    await sleep(50);
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended between the look and the signal.
  }
}

function processesInNamespace(): number[] {
  if (!existsSync(namespaceFile)) return [];
  const ours = statSync(namespaceFile).ino;
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.filter((pid) => netNamespaceOf(pid) === `net:[${ours}]`).map(Number);
}

function netNamespaceOf(pid: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`);
  } catch {
    return undefined;
  }
}

function processesInCgroups(): number[] {
  return ourCgroups().flatMap((folder) => readPids(path.join(folder, 'cgroup.procs')));
}

function readPids(file: string): number[] {
  try {
    return readFileSync(file, 'utf8').split('\n').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/** Our folders in every cgroup hierarchy, children before their parents. */
function ourCgroups(): string[] {
  return cgroupRoots()
    .filter((root) => existsSync(root))
    .flatMap(deepestFirst);
}

/** Where our cgroup lies: once per hierarchy of version 1, once in all of version 2. */
export function cgroupRoots(): string[] {
  if (existsSync(path.join(cgroupRoot, 'cgroup.controllers'))) return [path.join(cgroupRoot, cgroupName)];
  const hierarchies = readdirSync(cgroupRoot, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return hierarchies.map((entry) => path.join(cgroupRoot, entry.name, cgroupName));
}

function deepestFirst(folder: string): string[] {
  const children = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [...children.flatMap((entry) => deepestFirst(path.join(folder, entry.name))), folder];
}

function removeCgroups(): void {
  for (const folder of ourCgroups()) rmdirSync(folder);
}

/** Ends every mount below a folder; before it is removed, lest what is mounted there be removed too. */
export async function unmountBelow(folder: string): Promise<void> {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
  const points = mounts.map((line) => line.split(' ')[4] ?? '').filter((point) => point.startsWith(`${folder}/`));
  for (const point of points.toReversed()) await run('umount', ['--lazy', point]);
  if (points.length > 0) say(`unmounted ${points.length} mounts`);
}

/** A shim that was killed leaves its socket; the name of the socket stands beside the container's files. */
function removeShimSockets(): void {
  const bundles = inState('containerd-state', 'io.containerd.runtime.v2.task', 'k8s.io');
  if (!existsSync(bundles)) return;
  for (const name of readdirSync(bundles)) {
    const file = path.join(bundles, name, 'address');
    if (existsSync(file))
      rmSync(
        readFileSync(file, 'utf8')
          .trim()
          .replace(/^unix:\/\//, ''),
        { force: true },
      );
  }
}
