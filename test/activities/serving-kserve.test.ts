import { expect, test } from '@jest/globals';
import type { ServerRequest } from '../../activities/ports/serving.ts';
import { serveVersion } from '../../activities/serving.ts';
import type { PolicyInput } from '../../scorecards/policy/schema.ts';
import type { RunRecord } from '../../scorecards/records/run-record.ts';
import { createMemoryEvidence } from '../fakes/memory-evidence.ts';
import { createMemoryServing } from '../fakes/memory-serving.ts';
import { applied } from '../lifecycle/policies.ts';

const DIGEST = 'a'.repeat(64);

/** What the serving port is asked for when this version is served under such a policy. */
async function asked(serving: object, recorded?: RunRecord['serving']): Promise<ServerRequest | undefined> {
  const requests: ServerRequest[] = [];
  const memory = createMemoryServing();
  const ports = {
    evidence: createMemoryEvidence(),
    serving: {
      ...memory,
      ensure: async (request: ServerRequest) => {
        requests.push(request);
        return memory.ensure(request);
      },
    },
  };
  const policy: Partial<PolicyInput['spec']> = {
    serving: { backend: 'kserve', ...serving },
    traffic: { gateway: 'kserve', route: 'churn-service' },
  };
  const record = {
    run: { trackingRunId: 'run-1' },
    artifact: { digest: `sha256:${DIGEST}` },
    ...(recorded === undefined ? {} : { serving: recorded }),
  } as unknown as RunRecord;
  await serveVersion(ports, applied('churn', '/', policy), { model: 'churn', version: '8', record });
  return requests[0];
}

test('KServe is told where a version is, and fetches it itself: nothing is placed on this machine', async () => {
  const request = await asked({ storageUri: 's3://models/{model}/{version}/{digest}/{mlflowRun}' });
  expect(request).toMatchObject({ artifact: '', command: [] });
  expect(request?.kserve).toEqual({
    service: 'churn-service',
    mode: 'standard',
    storageUri: `s3://models/churn/8/${DIGEST}/run-1`,
  });
});

test('a version stays where its own record says, whatever the policy says today', async () => {
  const recorded = { command: [], folder: '/', storageUri: 's3://old/{version}' };
  const request = await asked({ storageUri: 's3://new/{version}' }, recorded);
  expect(request?.kserve?.storageUri).toBe('s3://old/8');
});

test('without a place there is no server', async () => {
  await expect(asked({})).rejects.toThrow('serving.storageUri for KServe');
});
