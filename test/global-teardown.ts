import { endRun, openRun } from './servers-run.ts';

export default async function teardown(): Promise<void> {
  await endRun(openRun());
}
