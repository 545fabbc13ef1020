import type { Command } from 'commander';
import { declare, does } from '../declare-command.ts';
import { EXIT } from '../failure.ts';
import { answer } from '../terminal.ts';

interface AbortOptions {
  readonly reason: string;
  readonly as?: string;
  readonly yes?: true;
}

/** `understudy abort`: stops a run and puts everything back. */
export function registerAbort(program: Command): void {
  const command = declare(program, 'abort', {
    summary: 'stop a run and put everything back',
    example: 'understudy abort flights-late --reason "wrong data" --yes',
  })
    .argument('<run>', 'run id, or the model: its active run')
    .option('--reason <text>', 'kept with the run', 'aborted by a person')
    .option('--as <person>', 'who aborts (default: user@host)')
    .option('--yes', 'do not ask for the model’s name');
  does<AbortOptions>(command, async (screen, [name = ''], options) => {
    const { withSession } = await import('../connect.ts');
    const { stopRun } = await import('../stop-run.ts');
    return withSession(screen, async (session) => {
      const word = { by: options.as ?? session.identity, reason: options.reason };
      const stopped = await stopRun(session, screen, { name, kind: 'abort', word, yes: options.yes === true });
      answer(screen, stopped, () => `${stopped.reason}\nnext: understudy wait ${stopped.run} --for=ended`);
      return stopped.accepted ? EXIT.ok : EXIT.conflict;
    });
  });
}
