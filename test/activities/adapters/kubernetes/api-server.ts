import { KubeConfig } from '@kubernetes/client-node';

/** How a client reaches an API server on this machine that speaks plain HTTP. */
export function configFor(server: string): KubeConfig {
  const config = new KubeConfig();
  // The client refuses plain HTTP unless it was told not to look at certificates.
  config.loadFromClusterAndUser({ name: 'c', server, skipTLSVerify: true }, { name: 'u', token: 't' });
  return config;
}
