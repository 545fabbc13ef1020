import { writeFileSync } from 'node:fs';
import { network } from './places.ts';
import { run } from './run.ts';

/**
 * One network namespace, joined to the host by a pair of links. The host reaches the pods through it; nothing in it
 * reaches further than the host.
 */
export async function makeNetwork(): Promise<void> {
  const { namespace, link, host, node, prefix, pods, apiService, dns } = network;
  const ip = async (...args: readonly string[]): Promise<string> => await run('ip', args);
  await ip('netns', 'add', namespace);
  await ip('link', 'add', link, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', namespace);
  await ip('address', 'add', `${host}/${prefix}`, 'dev', link);
  await ip('link', 'set', link, 'up');
  await ip('-n', namespace, 'link', 'set', 'lo', 'up');
  await ip('-n', namespace, 'address', 'add', `${node}/${prefix}`, 'dev', 'eth0');
  await ip('-n', namespace, 'link', 'set', 'eth0', 'up');
  // Programs ask for a default route before they bind; it leads to the host and no further.
  await ip('-n', namespace, 'route', 'add', 'default', 'via', host);
  for (const service of [apiService, dns]) await ip('-n', namespace, 'address', 'add', `${service}/32`, 'dev', 'lo');
  await ip('route', 'add', pods, 'via', node);
  await run('nsenter', [`--net=/var/run/netns/${namespace}`, 'sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward']);
}

/** The network of the pods: a bridge inside the namespace, addresses handed out from a file. */
export function writeCniConfiguration(file: string, addresses: string): void {
  const bridge = {
    type: 'bridge',
    bridge: 'cni0',
    isGateway: true,
    ipMasq: false,
    hairpinMode: true,
    ipam: {
      type: 'host-local',
      dataDir: addresses,
      ranges: [[{ subnet: network.pods }]],
      routes: [{ dst: '0.0.0.0/0' }],
    },
  };
  writeFileSync(file, JSON.stringify({ cniVersion: '0.4.0', name: 'understudy', plugins: [bridge] }));
}
