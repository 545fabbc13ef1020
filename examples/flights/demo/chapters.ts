import { breachLive } from './breach.ts';
import { approve, awaitsDecision, follow, trigger } from './runs.ts';
import type { Demo } from './runs.ts';
import { chapter, driftTable, elapsedSeconds, line } from './screen.ts';
import { AS_OF, MODEL } from './story.ts';
import type { DriftDay, Expected, Sheet } from './story.ts';
import { startTraffic } from '../traffic.ts';

/** Plays one run to its end and notes it. */
async function note(demo: Demo, what: string, asOf: string, play: () => Promise<Sheet>): Promise<Sheet> {
  const from = elapsedSeconds();
  const sheet = await play();
  const { outcome = '?', reason = '' } = sheet.ended ?? {};
  demo.happened.push({ what, asOf, run: sheet.run, ended: outcome, why: reason, seconds: elapsedSeconds() - from });
  line(`→ ${outcome}: ${reason}`);
  return sheet;
}

export async function bootstrap(demo: Demo): Promise<void> {
  chapter('(a) January’s model becomes the first champion, by explicit approval');
  const sheet = await note(demo, 'bootstrap', AS_OF.bootstrap, async () => {
    const run = await trigger(demo, 'bootstrap', AS_OF.bootstrap);
    await approve(demo, await follow(demo, run, awaitsDecision));
    return follow(demo, run);
  });
  demo.expectations.that(sheet.ended?.outcome === 'promoted', '(a) the bootstrap should end promoted');
}

export async function quietTime({ cli, policy, expectations }: Demo, expected: Expected): Promise<void> {
  chapter('(b) Daily drift checks: quiet months, spikes that do not count, then a change that lasts');
  const span = ['--from', '2001-02-08', '--to', '2001-04-30'];
  const replay = await cli.ask<{ days: DriftDay[] }>(['drift', 'replay', '-f', policy, ...span]);
  driftTable(replay.days);
  const firstFire = replay.days.find((day) => day.fires);
  const spikes = replay.days.filter((day) => day.suppressedSpike).map((day) => day.asOf.slice(0, 10));
  expectations.that(
    firstFire?.asOf.slice(0, 10) === expected.firstFire,
    `(b) drift should first fire on ${expected.firstFire}, it did on ${firstFire?.asOf ?? 'no day'}`,
  );
  expectations.that(
    spikes.join() === expected.spikes.join(),
    `(b) spikes on ${expected.spikes.join(', ')} should be suppressed, were ${spikes.join(', ')}`,
  );
  expectations.that(
    firstFire?.score.toFixed(3) === expected.psiAtFire.toFixed(3),
    `(b) the worst PSI at the first fire should be ${expected.psiAtFire}, it is ${firstFire?.score}`,
  );
}

export async function rejected(demo: Demo, expected: Expected): Promise<void> {
  chapter('(c) The scheduled retraining of week 9 is worse than its champion');
  const { expectations } = demo;
  const sheet = await note(demo, 'scheduled retraining', AS_OF.rejected, async () =>
    follow(demo, await trigger(demo, 'schedule', AS_OF.rejected)),
  );
  expectations.that(
    sheet.ended?.outcome === 'rejected',
    '(c) the candidate of week 9 should be rejected by the scorecard',
  );
  const reason = sheet.ended?.reason.toLowerCase() ?? '';
  const { failed = [] } = expected.candidates.find(({ asOf }) => AS_OF.rejected.startsWith(asOf)) ?? {};
  expectations.that(failed.length > 0, '(c) expected.json should say what the candidate of week 9 fails');
  for (const criterion of failed)
    expectations.that(reason.includes(criterion.toLowerCase()), `(c) the rejection should name ${criterion}`);
}

export async function promoted(demo: Demo): Promise<void> {
  chapter('(d) Drift at the end of April: retrained, judged, shadowed, approved, canaried, promoted');
  const { expectations, gateway, ratePerSecond, signal } = demo;
  const run = await trigger(demo, 'check', AS_OF.drifted);
  const sheet = await note(demo, 'drift found by a check', AS_OF.drifted, async () => {
    await follow(demo, run, (now) => now.stage === 'shadow');
    const traffic = await startTraffic({
      gateway,
      route: 'flights',
      model: MODEL,
      asOf: AS_OF.drifted,
      ratePerSecond,
      signal,
    });
    try {
      await approve(demo, await follow(demo, run, awaitsDecision));
      return await follow(demo, run);
    } finally {
      const log = await traffic.stop();
      line(`${log.answered.toLocaleString('en-US')} requests through the gateway meanwhile, ${log.bad} bad`);
      expectations.that(log.bad === 0, '(d) no request should have been answered badly');
    }
  });
  expectations.that(sheet.ended?.outcome === 'promoted', '(d) the candidate of 30 April should be promoted');
}

export async function rolledBack(demo: Demo): Promise<void> {
  chapter('(e) A challenger that passes every test and then breaks under live traffic');
  const sheet = await note(demo, 'breach in the canary', AS_OF.breached, async () => breachLive(demo));
  demo.expectations.that(
    sheet.ended?.outcome === 'rolled-back',
    '(e) the challenger that answers errors should be rolled back',
  );
}

export async function incomplete(demo: Demo): Promise<void> {
  chapter('(f) The last week is incomplete: nobody can say, so nothing is trained');
  const { expectations } = demo;
  const sheet = await note(demo, 'incomplete last week', AS_OF.incomplete, async () =>
    follow(demo, await trigger(demo, 'check', AS_OF.incomplete)),
  );
  expectations.that(sheet.ended?.outcome === 'inconclusive', '(f) the incomplete week should be inconclusive');
  expectations.that(!sheet.stages.some((stage) => stage.stage === 'training'), '(f) nothing should be trained');
}
