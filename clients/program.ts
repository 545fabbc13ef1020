import { Command, Option } from 'commander';
import { registerApply } from './commands/apply.ts';
import { registerApprove, registerReject } from './commands/decide.ts';
import { registerData } from './commands/data.ts';
import { registerDoctor } from './commands/doctor.ts';
import { registerDrift } from './commands/drift.ts';
import { registerExplain } from './commands/explain.ts';
import { registerGet } from './commands/get.ts';
import { registerInit } from './commands/init.ts';
import { registerLint } from './commands/lint.ts';
import { registerScorecard } from './commands/scorecard.ts';
import { registerStack } from './commands/stack.ts';
import { registerStatus } from './commands/status.ts';
import { registerAbort } from './commands/stop.ts';
import { registerPlan } from './commands/plan.ts';
import { registerRetry, registerTrigger } from './commands/trigger.ts';
import { registerWait } from './commands/wait.ts';
import { registerBootstrap } from './commands/bootstrap.ts';
import { registerCompletion } from './commands/completion.ts';
import { registerHistory } from './commands/history.ts';
import { registerPause, registerResume } from './commands/pause.ts';
import { registerRollback } from './commands/rollback.ts';
import { registerVersion } from './commands/version.ts';
import { registerWorker } from './commands/worker.ts';
import { registerDescribe } from './commands/describe.ts';
import { registerReplayLog } from './commands/replay.ts';
import { registerReport } from './commands/report.ts';
import type { GlobalOptions } from './terminal.ts';

/** The whole command tree: words and options only. What a command needs is loaded when it runs. */
export function createProgram(version: string): Command {
  const program = new Command('understudy')
    .description('Retrains, proves, ships and un-ships models.')
    .version(version, '--version', 'print the version')
    .exitOverride()
    .showSuggestionAfterError()
    .addOption(new Option('--config <file>', 'operators’ settings').env('UNDERSTUDY_CONFIG'))
    .addOption(
      new Option('--color <when>', 'colours: auto obeys NO_COLOR').choices(['auto', 'always', 'never']).default('auto'),
    )
    .option('--no-input', 'never ask; what would be asked is an error')
    .addOption(new Option('--force-tty <columns>').env('UNDERSTUDY_FORCE_TTY').hideHelp())
    .configureHelp({ showGlobalOptions: true })
    .addHelpText('after', '\nExample:\n  understudy status flights-late --watch');
  obeyColor(program);
  registerAll(program);
  registerVersion(program, version);
  // The stack's own flag of the same meaning came first.
  program.hook('preAction', (_, action) => {
    const { config } = program.opts<GlobalOptions>();
    const takesSettings = action.options.some((option) => option.attributeName() === 'settings');
    if (takesSettings && config !== undefined && action.getOptionValue('settings') === undefined)
      action.setOptionValue('settings', config);
  });
  return program;
}

function registerAll(program: Command): void {
  registerStack(program);
  registerInit(program, readColumns);
  registerLint(program);
  registerExplain(program);
  registerScorecard(program);
  registerPlan(program);
  registerApply(program);
  registerDrift(program);
  registerTrigger(program);
  registerRetry(program);
  registerGet(program);
  registerStatus(program);
  registerWait(program);
  registerApprove(program);
  registerReject(program);
  registerAbort(program);
  registerRollback(program);
  registerPause(program);
  registerResume(program);
  registerHistory(program);
  registerDescribe(program);
  registerReport(program);
  registerReplayLog(program);
  registerData(program);
  registerDoctor(program);
  registerBootstrap(program);
  registerWorker(program);
  registerCompletion(program);
}

function obeyColor(program: Command): void {
  const usual = program.configureOutput();
  const chosen = () => ({ auto: undefined, always: true, never: false })[program.opts<GlobalOptions>().color ?? 'auto'];
  program.configureOutput({
    getOutHasColors: () => chosen() ?? usual.getOutHasColors?.() ?? false,
    getErrHasColors: () => chosen() ?? usual.getErrHasColors?.() ?? false,
  });
}

async function readColumns(glob: string) {
  const { readGlobColumns } = await import('./wired-ports.ts');
  return readGlobColumns(glob);
}
