import type { Command } from 'commander';
import { declare, does } from '../declare-command.ts';
import { talk } from '../terminal.ts';

/** `understudy worker`: the worker process in the foreground; what ends this command ends the worker. */
export function registerWorker(program: Command): void {
  const command = declare(program, 'worker', {
    summary: 'run a worker in the foreground',
    example: 'understudy worker --config understudy.config.yaml',
    forms: [],
  });
  does(command, async (screen) => {
    const { runWorker } = await import('../../infra/foreground.ts');
    talk(screen, 'worker: starting; stop it with Ctrl-C');
    return runWorker(screen.config === undefined ? {} : { UNDERSTUDY_CONFIG: screen.config });
  });
}
