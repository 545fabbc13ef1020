import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { freePorts } from '../../../infra/stack/free-port.ts';
import { clusterPreflight } from '../../../workers/cluster-preflight.ts';
import { loadSettings } from '../../../workers/settings-file.ts';
import { preflightContract } from '../../contracts/preflight.ts';
import { applied } from '../../lifecycle/policies.ts';
import { makeDoctorWorld } from './world.ts';

preflightContract('kubernetes-preflight', async () => {
  const world = await makeDoctorWorld();
  const config = await world.settings({});
  return {
    preflight: clusterPreflight(await loadSettings(config)),
    using: applied('churn', '/', { training: world.training }).policy,
    elsewhere: applied('churn', '/').policy,
    obstruct: async () => {
      const [port = 0] = await freePorts(1);
      const cluster = { name: 'c', cluster: { server: `https://127.0.0.1:${port}` } };
      const context = { name: 'c', context: { cluster: 'c', user: 'u' } };
      const nobody = { clusters: [cluster], contexts: [context], users: [{ name: 'u', user: {} }] };
      const text = JSON.stringify({ ...nobody, 'current-context': 'c' });
      await writeFile(path.join(path.dirname(config), 'admin'), text);
    },
    stop: async () => world.close(),
  };
});
