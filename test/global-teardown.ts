import { endRun, openRun } from './servers-run.ts';

// oxlint-disable-next-line import/no-default-export -- jest asks for one
export default async function teardown(): Promise<void> {
  await endRun(openRun());
}
