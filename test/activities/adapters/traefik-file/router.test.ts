import { appendFile } from 'node:fs/promises';
import path from 'node:path';
import { createTraefikRouter } from '../../../../activities/adapters/traefik-file/router.ts';
import { trafficRouterContract } from '../../../contracts/traffic-router.ts';
import { traefikServer } from '../../../servers.ts';

trafficRouterContract('traefik-file', async () => {
  const gateway = await traefikServer();
  return {
    router: createTraefikRouter(gateway),
    tamper: (route) => appendFile(path.join(gateway.routesDir, `${route}.yaml`), '# a person was here\n'),
    stop: async () => undefined,
  };
});
