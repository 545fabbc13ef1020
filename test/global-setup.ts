import { createRun, endAbandonedRuns } from './servers-run.ts';

/** Starts nothing: servers are started by the first test that asks for one. */
export default async function setup(): Promise<void> {
  await endAbandonedRuns();
  createRun();
}
