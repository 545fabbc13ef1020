import { expect, test } from '@jest/globals';
import { tellOfChampion } from '../../activities/champion-alerts.ts';
import type { Notification } from '../../activities/ports/notifier.ts';
import type { DriftKind } from '../../scorecards/drift/verdict.ts';
import type { RunContext } from '../../scorecards/run.ts';
import { finding } from '../scorecards/drift/worlds.ts';

const context = { model: 'churn', run: 'retrain/churn/1' } as RunContext;

const failed = (kind: DriftKind, name: string) =>
  finding({
    on: { name, kind, metric: 'equalizedOdds', column: 'score' },
    judged: 'fail',
    level: 'breach',
    reason: 'breach',
    sentence: `${name} broke.`,
  });

test('MO10, MO13: many findings of one kind are one message that names the worst, and the same incident while it lasts', async () => {
  const told: Notification[] = [];
  const notifier = { notify: async (message: Notification) => void told.push(message) };
  const findings = Array.from({ length: 9 }, (_, index) => failed('fairness', `gap ${index}`));
  await tellOfChampion({ notifier }, { context, version: '3' }, findings);
  await tellOfChampion({ notifier }, { context, version: '3' }, findings.slice(0, 1));
  expect(told.map(({ key, text }) => [key, text])).toEqual([
    ['churn/fairness/v3', 'gap 0 broke. gap 1 broke. gap 2 broke. gap 3 broke. gap 4 broke.'],
    ['churn/fairness/v3', 'gap 0 broke.'],
  ]);
});

test('MO10: drift itself is no message of its own: a run says it once', async () => {
  const told: Notification[] = [];
  const notifier = { notify: async (message: Notification) => void told.push(message) };
  await tellOfChampion({ notifier }, { context, version: '3' }, [failed('data', 'x'), failed('concept', 'auc')]);
  expect(told).toEqual([]);
});

test('a notifier that is out holds nothing up', async () => {
  const notifier = { notify: async () => Promise.reject(new Error('out')) };
  await expect(
    tellOfChampion({ notifier }, { context, version: '3' }, [failed('divergence', 'kpi')]),
  ).resolves.toBeUndefined();
});
