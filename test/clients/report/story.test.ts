import { expect, test } from '@jest/globals';
import type { RunReport } from '../../../clients/report/gather.ts';
import { tell } from '../../../clients/report/story.ts';

const opened = {
  receivedAt: '2026-03-01T00:00:00.000Z',
  trigger: { kind: 'manual', by: 'ana@example', key: 'k', asOf: '2026-03-01T00:00:00.000Z' },
  policyDigest: 'a'.repeat(64),
};
const report = (training: object) =>
  ({
    run: 'retrain/churn/1',
    model: 'churn',
    opened,
    phases: [],
    routes: [],
    training: { digest: 'b'.repeat(64), ...training },
  }) as object as RunReport;

test('CO4: the advice on what to ask for stands among the facts, a line for each resource', () => {
  const advice = ['at most 10 % of 1024Mi memory was used: 125Mi would do', 'on average 3 % of 2 CPU was used: …'];
  const facts = tell(report({ advice })).facts.filter(([name]) => name === 'advice');
  expect(facts.map(([, text]) => text)).toEqual(advice);
});

test('a training that asked for what it used has no advice', () => {
  expect(tell(report({})).facts.map(([name]) => name)).not.toContain('advice');
});
