import { expect, test } from '@jest/globals';
import { eventually } from '../../eventually.ts';
import { openTrainingPods } from './pods-setup.ts';
import type { TrainingPods } from './pods-setup.ts';

/** What the world does to a training while it is at work. Each test has pods, and a namespace, of its own. */
async function withPods(work: (pods: TrainingPods) => Promise<void>): Promise<void> {
  const pods = await openTrainingPods('leaving');
  try {
    await work(pods);
  } finally {
    await pods.close();
  }
}

const untilRunning = async ({ backend }: TrainingPods, name: string) =>
  eventually(
    async () => (await backend.inspect(name)).state,
    (state) => state === 'running',
    90_000,
  );

test('TN3: a result that could not be handed in is a failure that another Job can mend, not a trainer without result', async () => {
  await withPods(async (pods) => {
    await pods.backend.submit(pods.job('unheard', { command: ['sh', '-c', 'sleep 5'] }));
    await untilRunning(pods, 'unheard');
    pods.hangUp();
    expect(await pods.ended('unheard')).toMatchObject({
      state: 'failed',
      code: 'trainer-dependency',
      message: expect.stringContaining('could not be reached within the 20 s that its pod had to hand in'),
    });
  });
}, 240_000);

test('a Job whose namespace is being deleted says so while its pods stop', async () => {
  await withPods(async (pods) => {
    const stubborn = 'trap "sleep 6; exit 0" TERM; while :; do sleep 1; done';
    await pods.backend.submit(pods.job('taken', { command: ['sh', '-c', stubborn] }));
    await untilRunning(pods, 'taken');
    const going = pods.space.remove();
    const seen = await eventually(
      async () => pods.backend.inspect('taken'),
      ({ state }) => state !== 'running',
      60_000,
    );
    expect(seen).toMatchObject({
      state: 'waiting',
      why: 'the job is being deleted with its namespace; its pods have their grace to stop',
    });
    await going;
  });
}, 240_000);
