import tearDownServers from '../global-teardown.ts';
import { removeFixture } from './kserve/crd.ts';

/** What suites share is taken away after the last of them. */
export default async function teardown(): Promise<void> {
  await removeFixture();
  await tearDownServers();
}
