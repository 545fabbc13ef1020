import type { Command } from 'commander';
import type { DecideOptions } from '../decide-run.ts';
import { declare, does } from '../declare-command.ts';

/** `understudy approve`: says yes to exactly one candidate with exactly one scorecard. */
export function registerApprove(program: Command): void {
  const command = declare(program, 'approve', {
    summary: 'approve the candidate of a run',
    example: 'understudy approve flights-late --as ana@ops.example',
  })
    .argument('<run>', 'run id, or the model: its active run')
    .option('--scorecard <digest>', 'the scorecard result that you looked at; refused when it is another one now')
    .option('--candidate <digest>', 'the candidate that you looked at')
    .option('--reason <text>', 'kept with the decision', 'approved')
    .option('--as <person>', 'who approves (default: user@host)')
    .option('--print', 'print the JSON for the Temporal UI, send nothing')
    .option('--yes', 'do not ask for the model’s name');
  does<DecideOptions>(command, async (screen, [name = ''], options) => {
    const { decideRun } = await import('../decide-run.ts');
    return decideRun(screen, name, { ...options, yes: options.yes === true || options.print === true });
  });
}

/** `understudy reject`: ends the run; the champion serves on. */
export function registerReject(program: Command): void {
  const command = declare(program, 'reject', {
    summary: 'reject the candidate of a run',
    example: 'understudy reject flights-late --reason "recall of long flights is too low"',
  })
    .argument('<run>', 'run id, or the model: its active run')
    .requiredOption('--reason <text>', 'kept with the decision')
    .option('--scorecard <digest>', 'the scorecard result that you looked at')
    .option('--candidate <digest>', 'the candidate that you looked at')
    .option('--as <person>', 'who rejects (default: user@host)')
    .option('--print', 'print the JSON for the Temporal UI, send nothing');
  does<DecideOptions>(command, async (screen, [name = ''], options) => {
    const { decideRun } = await import('../decide-run.ts');
    return decideRun(screen, name, { ...options, reject: true, yes: true });
  });
}
