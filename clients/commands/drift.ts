import type { Command } from 'commander';
import { declare, does } from '../declare-command.ts';
import { CliFailure, EXIT } from '../failure.ts';
import type { MeasuredDrift, ReplayedDay } from '../measure-drift.ts';
import { DRIFT_FORMS, registerCompare } from './drift-compare.ts';
import { registerRegrid } from './drift-regrid.ts';
import { answer, talk } from '../terminal.ts';
import type { Screen } from '../terminal.ts';

interface ReplayOptions {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** `understudy drift MODEL` and `understudy drift replay`. */
export function registerDrift(program: Command): void {
  const drift = declare(program, 'drift', {
    summary: 'measure drift now, against what the champion was trained on',
    example: 'understudy drift flights-late',
    forms: DRIFT_FORMS,
  })
    .argument('<model>', 'name of the policy')
    .option('--as-of <time>', 'data time (default: now)');
  does<{ readonly asOf?: string }>(drift, measure);
  const replay = declare(drift, 'replay', {
    summary: 'say which days of the past would have started a retraining',
    example: 'understudy drift replay -f policy.yaml --from 2001-05-01 --to 2001-06-30',
  })
    .requiredOption('-f, --file <policy>', 'the policy to try')
    .requiredOption('--from <day>', 'first day on which drift is checked')
    .requiredOption('--to <day>', 'last one');
  does<ReplayOptions>(replay, replayDays);
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

async function replayDays(screen: Screen, _: readonly string[], options: ReplayOptions): Promise<number> {
  const [from, to] = [dayFrom('--from', options.from), dayFrom('--to', options.to)];
  if (from > to) throw new CliFailure(EXIT.usage, `--from ${options.from} is after --to ${options.to}`, 'swap them');
  const { readValid } = await import('../read-policies.ts');
  const [policy] = await readValid(screen, [options.file], 'nothing was replayed');
  if (!policy) throw new CliFailure(EXIT.usage, 'there is no policy', 'understudy drift replay --help');
  const { appliedPolicy } = await import('../apply-policy.ts');
  const { replayDrift } = await import('../measure-drift.ts');
  const { portsFor } = await import('../wired-ports.ts');
  const { renderTable } = await import('../table.ts');
  const replayed = await replayDrift(
    await portsFor(screen),
    appliedPolicy(policy, screen.identity),
    { from, to },
    (line) => (screen.columns === undefined ? undefined : talk(screen, line)),
  );
  const { days } = replayed;
  const table = { head: ['AS OF', 'WINDOW', 'VERDICT', 'SHARE', 'PSI', 'ANSWER'], rows: days.map(cells) };
  const fired = days.filter((day) => day.fires).length;
  const spikes = days.filter((day) => day.suppressedSpike).length;
  answer(screen, { ...replayed, fired, suppressedSpikes: spikes }, () => renderTable(table, screen.columns));
  if (!screen.json) talk(screen, `${fired} of ${days.length} days would have retrained; ${spikes} spikes held back`);
  return EXIT.ok;
}

function cells({
  asOf,
  fires,
  reason,
  response,
  score,
  shares,
  suppressedSpike,
  verdict,
  window,
}: ReplayedDay): string[] {
  const answered = fires
    ? '✖ retrain'
    : suppressedSpike
      ? '! spike, held back'
      : response === 'block'
        ? '✖ block'
        : '·';
  const why = fires || suppressedSpike || response === 'block' ? `: ${reason}` : '';
  const span = `${window.from.slice(0, 10)}…${window.until.slice(0, 10)}`;
  return [asOf.slice(0, 10), span, verdict, shares.breached.toFixed(2), score.toFixed(3), `${answered}${why}`];
}

function dayFrom(flag: string, text: string): number {
  const at = Date.parse(text);
  if (!Number.isNaN(at)) return at;
  throw new CliFailure(EXIT.usage, `${flag} ${text}: expected a day`, 'write it as 2001-05-01');
}
