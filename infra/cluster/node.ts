import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { CoreV1Api, PatchStrategy, setHeaderOptions, type V1Node } from '@kubernetes/client-node';
import { clientOf } from './api.ts';
import type { ClusterPrograms } from './binaries.ts';
import { cgroupRoots } from './clean-up.ts';
import { kubeconfigOf } from './credentials.ts';
import { socketFile } from './machine.ts';
import { cgroupName, inState, network, nodeName } from './places.ts';
import { readRecord, start, until, writeRecord } from './record.ts';

/** What kubelet sets for the whole machine; `down` puts it back. */
const changedSysctls = [
  'vm/overcommit_memory',
  'vm/panic_on_oom',
  'kernel/panic',
  'kernel/panic_on_oops',
  'kernel/keys/root_maxkeys',
  'kernel/keys/root_maxbytes',
];

/** What a GPU operator would have written on a node with eight GPUs: requests, quotas and scheduling of them are real. */
const gpuLabels = {
  'nvidia.com/gpu.product': 'NVIDIA-A100-SXM4-80GB',
  'nvidia.com/gpu.count': '8',
  'nvidia.com/gpu.memory': '81920',
  'nvidia.com/cuda.driver-version.full': '570.86.15',
  'nvidia.com/mig.capable': 'true',
};
/** A kubelet that does not isolate local storage reports none of it, and pods that ask for some would wait for ever. */
const offered = { 'nvidia.com/gpu': '8', 'ephemeral-storage': '20Gi' };

/** Starts the kubelet and returns when the node is ready and offers its GPUs. */
export async function startNode(programs: ClusterPrograms): Promise<void> {
  rememberSysctls();
  for (const folder of cgroupRoots()) {
    mkdirSync(folder, { recursive: true });
    favourPods(folder);
  }
  const config = inState('run', 'kubelet.json');
  writeFileSync(config, JSON.stringify(kubeletConfiguration));
  const kubelet = await start('kubelet', programs.kubelet, [
    `--config=${config}`,
    `--kubeconfig=${kubeconfigOf('kubelet')}`,
    `--root-dir=${inState('kubelet')}`,
    `--cert-dir=${inState('kubelet', 'pki')}`,
    `--hostname-override=${nodeName}`,
    `--node-ip=${network.node}`,
  ]);
  const core = clientOf(kubeconfigOf('admin')).makeApiClient(CoreV1Api);
  await until('the node is ready', kubelet, async () => isNodeReady(await core.readNode({ name: nodeName })));
  const merge = setHeaderOptions('Content-Type', PatchStrategy.MergePatch);
  await core.patchNode({ name: nodeName, body: { metadata: { labels: gpuLabels } } }, merge);
  const status = { capacity: offered, allocatable: offered };
  await core.patchNodeStatus({ name: nodeName, body: { status } }, merge);
}

/** Pods come before the test programs of this machine, with eight times the weight of one; by version of the cgroups. */
function favourPods(cgroup: string): void {
  for (const [file, weight] of [
    ['cpu.shares', '8192'],
    ['cpu.weight', '800'],
  ] as const) {
    if (existsSync(path.join(cgroup, file))) writeFileSync(path.join(cgroup, file), weight);
  }
}

export function isNodeReady(node: V1Node): boolean {
  return node.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
}

function rememberSysctls(): void {
  const record = readRecord();
  if (record === undefined) return;
  const files = changedSysctls.filter((file) => existsSync(path.join('/proc/sys', file)));
  const values = files.map((file): [string, string] => [
    file,
    readFileSync(path.join('/proc/sys', file), 'utf8').trim(),
  ]);
  writeRecord({ ...record, sysctls: Object.fromEntries(values) });
}

const kubeletConfiguration = {
  apiVersion: 'kubelet.config.k8s.io/v1beta1',
  kind: 'KubeletConfiguration',
  containerRuntimeEndpoint: `unix://${socketFile()}`,
  cgroupDriver: 'cgroupfs',
  cgroupRoot: `/${cgroupName}`,
  failCgroupV1: false,
  failSwapOn: false,
  enforceNodeAllocatable: [],
  // "0" is refused. The thresholds are so low because the machine is not the cluster's alone.
  evictionHard: { 'nodefs.available': '0%', 'imagefs.available': '0%', 'memory.available': '10Mi' },
  localStorageCapacityIsolation: false,
  makeIPTablesUtilChains: false,
  // Reached only from this host; there is no one to hide logs from.
  authentication: { anonymous: { enabled: true }, webhook: { enabled: false } },
  authorization: { mode: 'AlwaysAllow' },
  // No image comes back from a registry once it is collected.
  imageGCHighThresholdPercent: 100,
  imageGCLowThresholdPercent: 99,
  clusterDNS: [network.dns],
  clusterDomain: network.domain,
  resolvConf: '/etc/resolv.conf',
  maxPods: 250,
  // Requests are scheduled for real; limits do not throttle: hundreds of small pods start on two cores as fast as those allow.
  cpuCFSQuota: false,
};
