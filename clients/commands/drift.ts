import type { Command } from 'commander';
import { declare, does } from '../declare-command.ts';
import { dayFrom } from '../drift/days.ts';
import { CliFailure, EXIT } from '../failure.ts';
import { registerBenign } from './drift-benign.ts';
import { registerReplay } from './drift-replay.ts';
import { DRIFT_FORMS, registerCompare } from './drift-compare.ts';
import { registerRegrid } from './drift-regrid.ts';
import { answer } from '../terminal.ts';
import type { Screen } from '../terminal.ts';

interface MeasureOptions {
  readonly asOf?: string;
  readonly output?: (typeof DRIFT_FORMS)[number];
}

/** `understudy drift MODEL`, and below it `replay` and `compare`. */
export function registerDrift(program: Command): void {
  const drift = declare(program, 'drift', {
    summary: 'measure drift now, against what the champion was trained on',
    example: 'understudy drift flights-late',
    forms: DRIFT_FORMS,
  })
    .argument('<model>', 'name of the policy')
    .option('--as-of <time>', 'data time (default: now)');
  does<MeasureOptions>(drift, measure);
  registerReplay(drift);
  registerCompare(drift);
  registerRegrid(drift);
  registerBenign(drift);
  // `-o` and `--as-of` are the options of `drift MODEL`: in the help of what lies below it they would stand twice.
  const visibleGlobalOptions = () => program.options.filter(({ hidden }) => !hidden);
  for (const below of drift.commands) below.configureHelp({ showGlobalOptions: true, visibleGlobalOptions });
}

async function measure(screen: Screen, [model = '']: readonly string[], options: MeasureOptions): Promise<number> {
  const { withSession } = await import('../connect.ts');
  const { watchOf } = await import('../runs.ts');
  const { measureDrift } = await import('../measure-drift.ts');
  const { portsFor } = await import('../wired-ports.ts');
  const asOf = new Date(dayFrom('--as-of', options.asOf ?? new Date().toISOString())).toISOString();
  const { applied } = await withSession(screen, (session) => watchOf(session, model));
  if (!applied) throw new CliFailure(EXIT.notFound, `no policy is applied for ${model}`, 'understudy apply -f POLICY');
  const { interruptible } = await import('../drift/progress.ts');
  const ports = await portsFor(screen);
  const stopped = { message: 'stopped; days counted so far are kept', next: 'the same command goes on from there' };
  const measured = await interruptible(screen, stopped, (work) => measureDrift(ports, applied, asOf, work));
  if (options.output === 'html') {
    const { renderMeasuredPage } = await import('../drift/measured-page.ts');
    screen.out.write(renderMeasuredPage({ model, asOf, bounds: applied.policy.spec.drift.psi, ...measured }));
    return EXIT.ok;
  }
  const { renderMeasured } = await import('../drift/measured-table.ts');
  answer(screen, { model, asOf, ...measured }, () => renderMeasured(model, measured, screen.columns));
  return EXIT.ok;
}
