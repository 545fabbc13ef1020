import type { Command } from 'commander';
import { declare, does } from '../declare-command.ts';
import { CliFailure, EXIT } from '../failure.ts';
import { answer } from '../terminal.ts';
import type { Screen } from '../terminal.ts';

interface PauseOptions {
  readonly all?: true;
  readonly reason?: string;
  readonly as?: string;
}

/** `understudy pause`: triggers of a model start nothing until it is resumed; a run in flight goes on. */
export function registerPause(program: Command): void {
  const command = withCommon(
    declare(program, 'pause', {
      summary: 'let triggers start nothing until resumed; a run in flight goes on',
      example: 'understudy pause flights-late --reason "holiday"',
    }),
  );
  does<PauseOptions>(command, async (screen, [model = ''], options) => say(screen, model, options, true));
}

/** `understudy resume`. */
export function registerResume(program: Command): void {
  const command = withCommon(
    declare(program, 'resume', { summary: 'let triggers start runs again', example: 'understudy resume flights-late' }),
  );
  does<PauseOptions>(command, async (screen, [model = ''], options) => say(screen, model, options, false));
}

function withCommon(command: Command): Command {
  return command
    .argument('[model]', 'name of the policy')
    .option('--all', 'every model')
    .option('--reason <text>', 'shown to whoever triggers')
    .option('--as <person>', 'who says so (default: user@host)');
}

async function say(screen: Screen, model: string, options: PauseOptions, pause: boolean): Promise<number> {
  const name = pause ? 'pause' : 'resume';
  if ((model === '') === (options.all === undefined))
    throw new CliFailure(EXIT.usage, `${name} takes either a model or --all`, `understudy ${name} --help`);
  const { withSession } = await import('../connect.ts');
  const { listModels, watchOf } = await import('../runs.ts');
  const { watchId } = await import('../../activities/door.ts');
  const { pauseUpdate, resumeUpdate } = await import('../../workflows/messages.ts');
  const update = pause ? pauseUpdate : resumeUpdate;
  return withSession(screen, async (session) => {
    const models = options.all ? await listModels(session) : [(await watchOf(session, model)).model];
    const word = { by: options.as ?? session.identity, reason: options.reason ?? `${name}d by a person` };
    for (const one of models)
      await session.ask(`${one} to ${name}`, () =>
        session.client.workflow.getHandle(watchId(one)).executeUpdate(update, { args: [word] }),
      );
    answer(screen, { models, paused: pause, ...word }, () =>
      models.map((one) => `${one} ${pause ? `is paused; next: understudy resume ${one}` : 'is resumed'}`).join('\n'),
    );
    return EXIT.ok;
  });
}
