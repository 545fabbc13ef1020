import { servingContract } from '../contracts/serving.ts';
import { OPEN_INFERENCE_HTTP } from '../servers/model-server.ts';
import { createMemoryServing } from './memory-serving.ts';

servingContract('memory-serving', async () => {
  const serving = createMemoryServing();
  return {
    serving,
    request(kind, { model, version }) {
      serving.behave(model, version, kind);
      return {
        model,
        version,
        artifact: '/nowhere',
        command: ['serve'],
        folder: '/nowhere',
        readyWithinMs: 1000,
        http: OPEN_INFERENCE_HTTP,
      };
    },
    crash: async ({ model, version }) => serving.crash(model, version),
    instance: async ({ model, version }) => String(serving.starts(model, version)),
    stop: async () => undefined,
  };
});
