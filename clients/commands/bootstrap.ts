import type { Command } from 'commander';
import { declare, does } from '../declare-command.ts';
import { EXIT } from '../failure.ts';
import { answer } from '../terminal.ts';

/** `understudy bootstrap`: registers what Temporal must know before a worker can start. */
export function registerBootstrap(program: Command): void {
  const command = declare(program, 'bootstrap', {
    summary: 'register our search attributes in Temporal; safe to repeat',
    example: 'understudy bootstrap',
  });
  does(command, async (screen) => {
    const { withSession } = await import('../connect.ts');
    const { bootstrapTemporal } = await import('../../infra/stack/bootstrap.ts');
    return withSession(screen, async ({ addresses, connection }) => {
      const { namespace } = addresses.temporal;
      const { added, retentionHours } = await bootstrapTemporal(connection, { namespace });
      const text = added.length === 0 ? 'everything was registered already' : `registered ${added.join(', ')}`;
      answer(
        screen,
        { namespace, added, retentionHours },
        () => `${namespace}: ${text}; closed runs are kept ${retentionHours} h`,
      );
      return EXIT.ok;
    });
  });
}
