import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { CoreV1Api } from '@kubernetes/client-node';
import type { TrainingJob } from '../../../activities/ports/training-backend.ts';
import { present } from '../../present.ts';
import { imageOf, until } from '../cluster.ts';
import { openTrainingPods, sha256 } from './pods-setup.ts';
import type { TrainingPods } from './pods-setup.ts';

let pods: TrainingPods;
beforeAll(async () => {
  pods = await openTrainingPods('together');
});
afterAll(async () => {
  await pods.close();
});

const services = (): CoreV1Api => pods.space.config.makeApiClient(CoreV1Api);
const onTwoNodes = (name: string, command: readonly string[]): TrainingJob => {
  const plain = pods.job(name, { command });
  return { ...plain, placement: { ...present(plain.placement), image: imageOf('trainer'), nodes: 2 } };
};

/**
 * As a collective begins: rank 0 listens, the other finds it by MASTER_ADDR, and each gets what only the other knows. The
 * first one hands in both; the second refuses its exit unless it was answered.
 */
const MEETING = `
import json, os, socket, sys, time
rank = int(os.environ["JOB_COMPLETION_INDEX"])
own = {0: b"10", 1: b"41"}[rank]
address = (os.environ["MASTER_ADDR"], int(os.environ["MASTER_PORT"]))
assert os.environ["PET_NNODES"] == "2"

def line_of(peer):
    with peer.makefile("rwb", buffering=0) as both:
        both.write(own + b"\\n")
        return int(both.readline())

if rank == 0:
    with socket.create_server(("", address[1])) as server:
        server.settimeout(60)
        peer, where = server.accept()
        heard = line_of(peer)
    print("rank 0 was called by", where[0], flush=True)
    os.makedirs("/understudy/output/model")
    open("/understudy/output/model/w", "w").write("w")
    metrics = {"own": int(own), "heard": heard, "otherPod": int(where[0] != socket.gethostbyname(socket.gethostname()))}
    artifact = {"path": "model", "files": [{"path": "w", "sha256": "${sha256('w')}"}]}
    json.dump({"mode": "train", "artifact": artifact, "metrics": metrics}, open("/understudy/output/result.json", "w"))
else:
    until = time.monotonic() + 60
    while True:
        try:
            peer = socket.create_connection(address, timeout=10)
            break
        except OSError as error:
            if time.monotonic() > until:
                sys.exit("rank 1 did not find " + repr(address) + ": " + str(error))
            time.sleep(0.2)
    sys.exit(0 if line_of(peer) == 10 else 65)
`;

describe('a training on two nodes', () => {
  test('TN2: its pods find each other by name, exchange what each knows, and the first hands in the result', async () => {
    await pods.backend.submit(onTwoNodes('two', ['python3', '-c', MEETING]));
    const service = await services().readNamespacedService({ name: 'two', namespace: pods.space.name });
    expect(service.spec).toMatchObject({ clusterIP: 'None', publishNotReadyAddresses: true });

    const end = await pods.ended('two');

    expect(end).toMatchObject({
      state: 'succeeded',
      result: { metrics: { own: 10, heard: 41, otherPod: 1 } },
      compute: { pods: [expect.stringMatching(/^two-[01]-/), expect.stringMatching(/^two-[01]-/)] },
    });
  });

  test('leaves neither pod nor name behind when it is removed', async () => {
    await pods.backend.submit(onTwoNodes('again', ['sleep', '300']));
    const ofJob = 'batch.kubernetes.io/job-name=again';
    await until('both pods', async () => (await pods.client.listPods(ofJob))[1]);

    await pods.backend.remove('again');

    const left = await services().listNamespacedService({ namespace: pods.space.name });
    expect(await pods.client.listPods(ofJob)).toEqual([]);
    expect(left.items.map(({ metadata }) => metadata?.name)).not.toContain('again');
  });
});
