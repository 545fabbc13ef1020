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

/** `understudy resume`: triggers of a model start runs again; or a run goes on whose rollout is held. */
export function registerResume(program: Command): void {
  const command = withCommon(
    declare(program, 'resume', {
      summary: 'let triggers start runs again, or let a rollout that is held go on',
      example: 'understudy resume flights-late',
    }),
    'name of the policy; or the id of the run whose rollout is held',
  );
  does<PauseOptions>(command, async (screen, [name = ''], options) =>
    name.startsWith('retrain/') && !options.all ? goOn(screen, name, options) : say(screen, name, options, false),
  );
}

function withCommon(command: Command, named = 'name of the policy'): Command {
  return command
    .argument('[model]', named)
    .option('--all', 'every model')
    .option('--reason <text>', 'shown to whoever triggers')
    .option('--as <person>', 'who says so (default: user@host)');
}

/** The rollout of this run goes on; what somebody else wrote to its route since is overwritten. */
async function goOn(screen: Screen, run: string, options: PauseOptions): Promise<number> {
  const { withSession } = await import('../connect.ts');
  const { sheetOf } = await import('../runs.ts');
  const { goOnUpdate } = await import('../../workflows/messages.ts');
  return withSession(screen, async (session) => {
    const { ended } = await sheetOf(session, run);
    if (ended) {
      const message = `${run} has already ended: ${ended.outcome}, ${ended.reason}`;
      throw new CliFailure(EXIT.notFound, message, `understudy report ${run}`);
    }
    const word = { by: options.as ?? session.identity, reason: options.reason ?? 'resumed by a person' };
    const handle = session.client.workflow.getHandle(run);
    const got = await session.ask(`${run} to go on`, () => handle.executeUpdate(goOnUpdate, { args: [word] }));
    answer(screen, { run, ...got }, () => `${got.reason}\nnext: understudy status ${run} --watch`);
    return got.accepted ? EXIT.ok : EXIT.conflict;
  });
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
