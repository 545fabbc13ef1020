import { Resolver } from 'node:dns/promises';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { ClusterPrograms } from './binaries.ts';
import { kubeconfigOf } from './credentials.ts';
import { inState, network } from './places.ts';
import { start, until } from './record.ts';

/**
 * Starts CoreDNS for the names of Services and, behind headless ones, of pods. Any other name is refused at once: nothing
 * in the namespace reaches further than the host. Returns when it answers.
 */
export async function startDns({ coredns }: ClusterPrograms): Promise<void> {
  const file = inState('run', 'Corefile');
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, corefile());
  const program = await start('coredns', coredns, [`-conf=${file}`]);
  const resolver = new Resolver({ timeout: 500, tries: 1 });
  resolver.setServers([network.node]);
  await until('CoreDNS knows the API server', program, async () => {
    const addresses = await resolver.resolve4(`kubernetes.default.svc.${network.domain}`);
    return addresses.includes(network.apiService);
  });
}

function corefile(): string {
  return [
    `${network.domain}:53 {`,
    '  errors',
    `  kubernetes ${network.domain} {`,
    `    kubeconfig ${JSON.stringify(kubeconfigOf('coredns'))}`,
    // Seconds that an answer may be remembered: a pod that is replaced has another address.
    '    ttl 1',
    '  }',
    '}',
    '',
  ].join('\n');
}
