import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '../../eventually.ts';
import { openRuns } from './run-world.ts';
import type { Runs } from './run-world.ts';

/** What a run of this suite does after its training is of no interest: whoever predicts is sent away. */
const TRAINS = `set -e
grep -q '"mode":"train"' "$UNDERSTUDY_SPEC" || exit 64
sleep 5
mkdir -p /understudy/output/model
printf w > /understudy/output/model/w
sum=$(sha256sum < /understudy/output/model/w | cut -d ' ' -f 1)
printf '{"mode":"train","artifact":{"path":"model","files":[{"path":"w","sha256":"%s"}]}}' "$sum" > /understudy/output/result.json`;

/** Needs some 80 MB at once. */
const HUNGRY = `head -c 80000000 /dev/zero | tail -c 80000000 > /dev/null || exit 137
${TRAINS}`;

describe('a training that needs more than one Job', () => {
  let runs: Runs;
  let before = 0;
  const jobs = () => runs.jobs().slice(before);
  const trainingLine = async (run: string): Promise<string> =>
    (await runs.sheetOf(run)).stages.find(({ stage }) => stage === 'training')?.result ?? '';
  const until = async (run: string, words: RegExp): Promise<string> =>
    eventually(
      async () => trainingLine(run).catch(() => ''),
      (line) => words.test(line),
      120_000,
    );

  beforeAll(async () => {
    runs = await openRuns('persistent');
    await runs.startWorker();
  }, 240_000);
  afterEach(() => {
    before = runs.jobs().length;
  });
  afterAll(async () => {
    await runs.close();
  }, 120_000);

  test('TN2, P5: a kind of GPU that no node has gives way to the next one, and a worker killed in between doubles no Job', async () => {
    const nowhere = { 'nvidia.com/gpu.product': 'NVIDIA-NO-SUCH' };
    const resources = {
      cpu: 0.05,
      memory: '64Mi',
      gpu: { anyOf: [{ nodeSelector: nowhere, queueDeadline: '20s' }, {}] },
    };
    const run = await runs.start(TRAINS, { resources });
    expect(await until(run, /no node takes the pod/)).toMatch(
      /^waits: no node takes the pod: 0\/1 nodes are available: /,
    );
    const { currentDetails } = await runs.client.workflow
      .getHandle(run)
      .query<{ currentDetails: string }, []>('__temporal_workflow_metadata');
    expect(currentDetails).toContain('no node takes the pod: 0/1 nodes are available');
    runs.killWorker();
    await runs.startWorker();
    await eventually(
      async () => jobs().length,
      (count) => count === 2,
      120_000,
    );
    runs.killWorker();
    await runs.startWorker();
    expect(await runs.result(run)).toMatchObject({
      stage: 'scorecard',
      reason: expect.stringMatching(/^TrainerUsage: /),
    });
    expect(await trainingLine(run)).toMatch(
      /; QueueDeadlineExceeded: kind 2 of 2 accelerators is tried: job 2 of this run/,
    );
    expect(jobs().map((job) => job.spec?.template.spec?.nodeSelector)).toEqual([nowhere, undefined]);
  }, 400_000);

  test('TN7: a trainer that the kernel kills for memory gets one step more', async () => {
    const run = await runs.start(HUNGRY, { resources: { cpu: 0.2, memory: '40Mi' } });
    expect(await runs.result(run)).toMatchObject({
      stage: 'scorecard',
      reason: expect.stringMatching(/^TrainerUsage: /),
    });
    expect(await trainingLine(run)).toContain('out of memory with 41943040 bytes, one step larger is 536870912 bytes');
    const limits = jobs().map(
      (job) =>
        job.spec?.template.spec?.containers.find(({ name }) => name === 'trainer')?.resources?.limits?.['memory'],
    );
    expect(limits).toEqual(['40Mi', '512Mi']);
  }, 400_000);
});
