import { loadGeneratorContract } from '../contracts/load-generator.ts';
import { OPEN_INFERENCE_HTTP } from '../servers/model-server.ts';
import { createMemoryLoad } from './memory-load.ts';

loadGeneratorContract('memory-load', async () => {
  let behaviour: { errors?: number; delayMs?: number } = {};
  const server = (version: string) => ({
    name: `m-v${version}`,
    model: 'm',
    version,
    url: `http://127.0.0.1:900${version}`,
    log: '/nowhere',
  });
  const ofChallenger = (version: string) => (version === '8' ? behaviour : {});
  return {
    load: createMemoryLoad({
      latencyMs: ({ version }) => 5 + (ofChallenger(version).delayMs ?? 0),
      errors: ({ version }) => ofChallenger(version).errors ?? 0,
      maxRatePerSecond: 200,
      maxDurationMs: 2000,
    }),
    http: OPEN_INFERENCE_HTTP,
    targets: [
      { name: 'champion', server: server('7') },
      { name: 'challenger', server: server('8') },
    ],
    behave: async (next) => {
      behaviour = next;
    },
    kill: async () => {
      behaviour = { errors: 1 };
    },
    stop: async () => undefined,
  };
});
