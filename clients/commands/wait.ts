import { Option } from 'commander';
import type { Command } from 'commander';
import { declare, does } from '../declare-command.ts';
import { CliFailure, EXIT } from '../failure.ts';
import { GOALS } from '../verdict-exit.ts';
import type { Goal } from '../verdict-exit.ts';

interface WaitOptions {
  readonly for: Goal;
  readonly timeout?: string;
}

/** `understudy wait`: the exit code is the verdict. */
export function registerWait(program: Command): void {
  const command = declare(program, 'wait', {
    summary: 'wait for a run; the exit code is its verdict',
    example: 'understudy wait flights-late --for=promoted --timeout=26h',
  })
    .argument('<run>', 'run id, or the model: its active run, else its last one')
    .addOption(
      new Option('--for <goal>', 'candidate: trained and registered; approval: people are asked')
        .choices(GOALS)
        .default('ended'),
    )
    .option('--timeout <duration>', 'such as 90s or 26h; then exit 10 (default: none)');
  does<WaitOptions>(command, async (screen, [name = ''], options) => {
    const { parseDuration } = await import('../../scorecards/policy/units.ts');
    const timeoutMs = options.timeout === undefined ? undefined : parseDuration(options.timeout);
    if (options.timeout !== undefined && timeoutMs === undefined)
      throw new CliFailure(
        EXIT.usage,
        `--timeout ${options.timeout}: expected a duration`,
        'write it as 90s, 10m or 26h',
      );
    const { withSession } = await import('../connect.ts');
    const { runNamed } = await import('../runs.ts');
    const { waitForRun } = await import('../wait-for-run.ts');
    return withSession(screen, async (session) => {
      const run = await runNamed(session, name);
      const limit = timeoutMs === undefined ? {} : { timeoutMs };
      return waitForRun({ session, screen, run, goal: options.for, ...limit });
    });
  });
}
