import { expect, test } from '@jest/globals';
import { PortFailure } from '../../activities/ports/port-failure.ts';
import { keepReconciling } from '../../workers/reconcile-rollbacks.ts';
import { present } from '../present.ts';

test('RB6: a worker asks again while it lives, also after a time at which nobody answered', async () => {
  const over = new AbortController();
  const rounds = [
    async () => Promise.reject(new PortFailure('unavailable', 'the registry is still away')),
    async () => over.abort(),
  ];
  const said: string[] = [];
  const round = async () => present(rounds.shift())();
  await keepReconciling(round, (line) => said.push(line), { everyMs: 1, signal: over.signal });
  expect(said).toEqual([expect.stringContaining('the registry is still away')]);
  expect(rounds).toHaveLength(0);
});
