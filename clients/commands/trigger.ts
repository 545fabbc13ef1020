import { Option } from 'commander';
import type { Command } from 'commander';
import type { TriggerAnswer, TriggerRequest } from '../../scorecards/trigger.ts';
import { STAGES } from '../../scorecards/vocabulary.ts';
import type { Stage } from '../../scorecards/vocabulary.ts';
import type { Session } from '../connect.ts';
import { declare, does } from '../declare-command.ts';
import { CliFailure, EXIT } from '../failure.ts';
import { answer } from '../terminal.ts';
import type { Screen } from '../terminal.ts';

interface TriggerOptions {
  readonly asOf?: string;
  readonly reason?: string;
  readonly kind: 'manual' | 'bootstrap' | 'check' | 'schedule';
  readonly ignoreCooldown?: true;
  readonly wait?: true;
  readonly as?: string;
}

interface RetryOptions {
  readonly from: Stage;
  readonly reason?: string;
  readonly wait?: true;
  readonly as?: string;
}

type Knock = { readonly model: string; readonly request: TriggerRequest; readonly wait: boolean };

/** `understudy trigger`: knocks on a model's door and says which answer it got; all but a start are exit 6. */
export function registerTrigger(program: Command): void {
  const command = declare(program, 'trigger', {
    summary: 'ask for a retraining',
    example: 'understudy trigger flights-late --reason "airline strike"',
  })
    .argument('<model>', 'name of the policy')
    .option('--as-of <time>', 'data time, RFC 3339 or a day (default: now)')
    .option('--reason <text>', 'why; kept with the run')
    .addOption(
      new Option('--kind <kind>', 'check stops when nothing drifts; bootstrap makes the first champion')
        .choices(['manual', 'bootstrap', 'check', 'schedule'])
        .default('manual'),
    )
    .option('--ignore-cooldown', 'recorded with your name')
    .option('--wait', 'until the run has ended; the exit code is its verdict')
    .option('--as <person>', 'who asks (default: user@host)');
  does<TriggerOptions>(command, async (screen, [model = ''], options) => {
    const request = {
      kind: options.kind,
      asOf: momentOf(options.asOf),
      by: options.as ?? screen.identity,
      ...(options.reason === undefined ? {} : { reason: options.reason }),
      ...(options.ignoreCooldown ? { ignoreCooldown: true } : {}),
    };
    return knockAndTell(screen, async () => ({ model, request: await keyed(request), wait: options.wait === true }));
  });
}

/** `understudy retry`: a new run with the same data time that reuses finished work before a stage. */
export function registerRetry(program: Command): void {
  const command = declare(program, 'retry', {
    summary: 'run again from a stage, reusing what is finished before it',
    example: 'understudy retry retrain/flights-late/20261121T060012Z-schedule --from scorecard',
  })
    .argument('<run>', 'run id, or the model: its last run')
    .addOption(
      new Option('--from <stage>', 'first stage to do again').choices(STAGES.slice(0, 5)).makeOptionMandatory(),
    )
    .option('--reason <text>', 'why; kept with the run')
    .option('--wait', 'until the run has ended; the exit code is its verdict')
    .option('--as <person>', 'who asks (default: user@host)');
  does<RetryOptions>(command, async (screen, [name = ''], options) =>
    knockAndTell(screen, async (session) => {
      const { runNamed, sheetOf } = await import('../runs.ts');
      const run = await runNamed(session, name);
      const { model, trigger } = await sheetOf(session, run);
      const request = {
        kind: 'retry' as const,
        asOf: trigger.asOf,
        by: options.as ?? screen.identity,
        reason: options.reason ?? `retry of ${run} from ${options.from}`,
        retryOf: { run, from: options.from },
      };
      return { model, request: await keyed(request), wait: options.wait === true };
    }),
  );
}

/** A person who asks twice means it twice: each knock has a key of its own. */
async function keyed(request: Omit<TriggerRequest, 'key'>): Promise<TriggerRequest> {
  const { randomUUID } = await import('node:crypto');
  return { ...request, key: `cli-${randomUUID()}` };
}

async function knockAndTell(screen: Screen, prepare: (session: Session) => Promise<Knock>): Promise<number> {
  const { withSession } = await import('../connect.ts');
  const { knock } = await import('../../activities/door.ts');
  const { watchOf } = await import('../runs.ts');
  return withSession(screen, async (session) => {
    const { model, request, wait } = await prepare(session);
    await watchOf(session, model);
    const got = await session.ask(`the door of ${model}`, () => knock(session.client, model, request));
    if (wait && 'run' in got) {
      const { waitForRun } = await import('../wait-for-run.ts');
      if (!screen.json) answer(screen, {}, () => sentenceFor(got, model));
      return waitForRun({ session, screen, run: got.run, goal: 'ended' });
    }
    answer(screen, { model, asOf: request.asOf, ...got }, () => sentenceFor(got, model));
    return got.answer === 'started' ? EXIT.ok : EXIT.conflict;
  });
}

function sentenceFor(got: TriggerAnswer, model: string): string {
  switch (got.answer) {
    case 'started':
      return `started ${got.run}\nnext: understudy status ${model} --watch`;
    case 'joined':
      return `joined ${got.run}, which is already running\nnext: understudy status ${model} --watch`;
    case 'cooling-down':
      return `cooling down until ${got.until}: ${got.reason}\nnext: wait, or understudy trigger ${model} --reason … --ignore-cooldown (recorded with your name)`;
    case 'suppressed':
      return `suppressed: ${got.reason}\nnext: understudy history ${model} --triggers`;
    case 'paused':
      return `paused by ${got.by}: ${got.reason}\nnext: understudy resume ${model}`;
  }
}

function momentOf(given: string | undefined): string {
  const at = given === undefined ? Date.now() : Date.parse(given);
  if (!Number.isNaN(at)) return new Date(at).toISOString();
  throw new CliFailure(
    EXIT.usage,
    `--as-of ${given}: expected a time`,
    'write it as 2026-11-21T06:00:00Z or 2026-11-21',
  );
}
