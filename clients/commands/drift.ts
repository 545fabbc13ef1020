import type { Command } from 'commander';
import { declare, does } from '../declare-command.ts';
import { dayFrom } from '../drift/days.ts';
import { CliFailure, EXIT } from '../failure.ts';
import type { MeasuredDrift } from '../measure-drift.ts';
import { registerReplay } from './drift-replay.ts';
import { DRIFT_FORMS, registerCompare } from './drift-compare.ts';
import { registerRegrid } from './drift-regrid.ts';
import { answer } from '../terminal.ts';
import type { Screen } from '../terminal.ts';

/** `understudy drift MODEL`, and below it `replay` and `compare`. */
export function registerDrift(program: Command): void {
  const drift = declare(program, 'drift', {
    summary: 'measure drift now, against what the champion was trained on',
    example: 'understudy drift flights-late',
    forms: DRIFT_FORMS,
  })
    .argument('<model>', 'name of the policy')
    .option('--as-of <time>', 'data time (default: now)');
  does<{ readonly asOf?: string }>(drift, measure);
  registerReplay(drift);
  registerCompare(drift);
  registerRegrid(drift);
}

async function measure(
  screen: Screen,
  [model = '']: readonly string[],
  options: { readonly asOf?: string },
): Promise<number> {
  const { withSession } = await import('../connect.ts');
  const { watchOf } = await import('../runs.ts');
  const { measureDrift } = await import('../measure-drift.ts');
  const { portsFor } = await import('../wired-ports.ts');
  const asOf = new Date(dayFrom('--as-of', options.asOf ?? new Date().toISOString())).toISOString();
  const { applied } = await withSession(screen, (session) => watchOf(session, model));
  if (!applied) throw new CliFailure(EXIT.notFound, `no policy is applied for ${model}`, 'understudy apply -f POLICY');
  const measured = await measureDrift(await portsFor(screen), applied, asOf);
  answer(screen, { model, asOf, ...measured }, () => textOf(model, measured));
  return EXIT.ok;
}

function textOf(model: string, { champion, fires, reason, reasons, score, shares, verdict }: MeasuredDrift): string {
  return [
    `${model}  ${verdict}  share ${shares.breached.toFixed(2)}  worst PSI ${score.toFixed(3)}  against v${champion}`,
    ...reasons.map((line) => `  ${line}`),
    `${fires ? '✖ a check would retrain now' : '✔ a check would not retrain now'}: ${reason}`,
  ].join('\n');
}
