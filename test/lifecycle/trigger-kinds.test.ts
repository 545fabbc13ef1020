import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { PolicyInput } from '../../scorecards/policy/schema.ts';
import type { TriggerKind } from '../../scorecards/vocabulary.ts';
import { dayName, SCORED_DATA, writeScoredDay } from '../activities/scored-world.ts';
import { inDuckdb } from './data.ts';
import { applied } from './policies.ts';
import { createWorld } from './world.ts';
import type { World } from './world.ts';

const MODEL = 'triggered';
const AS_OF = `${dayName(10)}T06:00:00Z`;
/** The window that a check as of then looks at. */
const WINDOW = [8, 9];

type Respond = NonNullable<NonNullable<PolicyInput['spec']['drift']>['respond']>;
interface Change {
  readonly dataset: 'observations' | 'labels';
  /** What every row of the window's files becomes. */
  readonly selection: string;
}

const quiet: Change = { dataset: 'labels', selection: '*' };
const inputs: Change = { dataset: 'observations', selection: '* replace (x + 3 as x)' };
const scores: Change = { dataset: 'observations', selection: '* replace (score * 0.6 as score)' };
const labels: Change = { dataset: 'labels', selection: '* replace (1 - y as y)' };
const column: Change = { dataset: 'observations', selection: '* exclude (x)' };
const type: Change = { dataset: 'observations', selection: '* replace (x::varchar as x)' };
const nulls: Change = {
  dataset: 'observations',
  selection: '* replace (case when hash(id) % 10 < 3 then null else x end as x)',
};
/** The scores of one group of two rise, in their old order. */
const group: Change = {
  dataset: 'observations',
  selection: `* replace (case when g = 'a' then pow(score, 0.2) else score end as score)`,
};

interface Case {
  readonly what: string;
  readonly by: TriggerKind;
  readonly change: Change;
  /** Other answers than the policy gives by itself. */
  readonly respond?: Respond;
  readonly reason: RegExp;
}

/** A champion answers. Each test is one trigger over a window in which one thing changed, and what becomes of it. */
describe('a trigger', () => {
  let world: World;
  const write = async (day: number) => writeScoredDay(world.folder, day, {});
  const policy = (respond: Respond = {}) =>
    applied(MODEL, world.folder, {
      data: { ...SCORED_DATA, labels: { ...SCORED_DATA.labels, maturity: '0d' } },
      drift: {
        window: '2d',
        persistence: { windows: 1, of: 1 },
        minimum: 100,
        performance: {
          criteria: [
            { metric: 'auc', noWorseBy: 0.05 },
            { metric: 'demographicParity', by: 'g', atMost: 0.2 },
          ],
        },
        respond,
      },
    });
  const change = async ({ dataset, selection }: Change) =>
    inDuckdb(async (run) => {
      for (const day of WINDOW) {
        const file = join(world.folder, 'data', dataset, `day=${dayName(day)}`, 'p.parquet');
        await run(`create or replace table day as select * from read_parquet('${file}')`);
        await run(`copy (select ${selection} from day) to '${file}' (format parquet)`);
      }
    });
  const trainings = () => world.training.started.filter((job) => job.spec.mode === 'train').length;
  /** What one trigger led to: its run, its one decision, how many trainings were submitted and whom it woke. */
  const ledTo = async ({ by, change: changed, respond }: Case) => {
    await change(changed);
    await world.apply(policy(respond));
    const before = { trainings: trainings(), pages: world.pages.length };
    const id = await world.newRun(MODEL, AS_OF, by);
    const { outcome, stage, reason } = await world.result(id);
    for (const day of WINDOW) await write(day);
    const decisions = (await world.decisions(MODEL)).filter(({ run }) => run === id).map(({ decision }) => decision);
    const pages = world.pages.slice(before.pages);
    return { decisions, outcome, stage, reason, trainings: trainings() - before.trainings, pages };
  };

  beforeAll(async () => {
    world = await createWorld();
    for (let day = 0; day < 10; day += 1) await write(day);
    await world.apply(policy());
    const first = await world.newRun(MODEL, `${dayName(8)}T06:00:00Z`, 'bootstrap');
    await world.decide(first, 'bootstrap');
    await world.result(first);
    // What is trained from here on ends at its scorecard, so that nobody is asked.
    world.script.quality = 'poor';
  }, 60_000);
  afterAll(() => world.close());

  const retraining: readonly Case[] = [
    { what: 'data drift', by: 'check', change: inputs, reason: /^Ranking \(auc\)/ },
    { what: 'data drift of which an alert tells', by: 'alert', change: inputs, reason: /^Ranking \(auc\)/ },
    {
      what: 'prediction drift, where the policy retrains for it,',
      by: 'check',
      change: scores,
      respond: { prediction: 'retrain' },
      reason: /^Ranking \(auc\)/,
    },
    { what: 'concept drift', by: 'check', change: labels, reason: /^Ranking \(auc\)/ },
    {
      what: 'a gap between groups, where the policy retrains for it,',
      by: 'check',
      change: group,
      respond: { fairness: 'retrain', concept: 'ignore' },
      reason: /^Ranking \(auc\)/,
    },
    { what: 'the schedule of a quiet week', by: 'schedule', change: quiet, reason: /^Ranking \(auc\)/ },
    { what: 'a person in a quiet week', by: 'manual', change: quiet, reason: /^Ranking \(auc\)/ },
  ];
  test.each(retraining)('TR2: $what starts one training, and its gate decides', async (row) => {
    expect(await ledTo(row)).toEqual({
      decisions: ['gate-failed'],
      outcome: 'rejected',
      stage: 'scorecard',
      reason: expect.stringMatching(row.reason),
      trainings: 1,
      pages: [`${MODEL}: rejected in stage scorecard`],
    });
  });

  const suppressed: readonly Case[] = [
    { what: 'no drift', by: 'check', change: quiet, reason: /^The newest window shows no drift|hold over/ },
    {
      what: 'data drift that is only observed',
      by: 'check',
      change: inputs,
      respond: { data: 'observe' },
      reason: /^The policy answers data drift with observe\. x: /,
    },
    {
      what: 'data drift that is ignored',
      by: 'check',
      change: inputs,
      respond: { data: 'ignore', prediction: 'ignore' },
      reason: /^The policy answers data drift with ignore\. x: /,
    },
    {
      what: 'prediction drift',
      by: 'check',
      change: scores,
      reason: /^The policy answers prediction drift with observe\. score: /,
    },
    {
      what: 'a gap between groups',
      by: 'check',
      change: group,
      respond: { concept: 'ignore' },
      reason: /^The policy answers (fairness|prediction) drift with observe\. /,
    },
    {
      what: 'bad quality that is only observed',
      by: 'check',
      change: nulls,
      respond: { quality: 'observe', data: 'ignore' },
      reason: /^The policy answers quality drift with observe\. x: /,
    },
  ];
  test.each(suppressed)('TR7: $what is suppressed with its reason, and trains nothing', async (row) => {
    expect(await ledTo(row)).toEqual({
      decisions: ['suppressed'],
      outcome: 'no-drift',
      stage: 'drift',
      reason: expect.stringMatching(row.reason),
      trainings: 0,
      pages: [],
    });
  });

  const blocked: readonly Case[] = [
    {
      what: 'a schema change (a column is gone)',
      by: 'check',
      change: column,
      reason: /schema drift with block\. x: .*absent since/,
    },
    {
      what: 'a schema change (another type)',
      by: 'check',
      change: type,
      reason: /schema drift with block\. x: DOUBLE in the baseline and VARCHAR/,
    },
    {
      what: 'a schema change, whatever the schedule wants,',
      by: 'schedule',
      change: column,
      reason: /schema drift with block\. x: /,
    },
    { what: 'a schema change, whoever asks,', by: 'manual', change: column, reason: /schema drift with block\. x: / },
    { what: 'bad quality', by: 'check', change: nulls, reason: /quality drift with block\. x: / },
    {
      what: 'data drift, where the policy blocks for it,',
      by: 'check',
      change: inputs,
      respond: { data: 'block' },
      reason: /data drift with block\. x: /,
    },
  ];
  test.each(blocked)('TR2: $what blocks and pages, and no training is submitted', async (row) => {
    expect(await ledTo(row)).toEqual({
      decisions: ['blocked'],
      outcome: 'blocked',
      stage: 'drift',
      reason: expect.stringMatching(row.reason),
      trainings: 0,
      pages: [`${MODEL}: blocked in stage drift`],
    });
  });
});
