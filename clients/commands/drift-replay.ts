import type { Command } from 'commander';
import { declare, does } from '../declare-command.ts';
import { dayFrom, daysFrom } from '../drift/days.ts';
import type { Replay } from '../drift/replayed.ts';
import { CliFailure, EXIT } from '../failure.ts';
import type { Screen } from '../terminal.ts';
import { DRIFT_FORMS } from './drift-compare.ts';

/** More are no table any more. */
const MOST_BOUNDS = 5;

interface ReplayOptions {
  readonly file: string;
  readonly from: string;
  readonly to: string;
  readonly baseline?: string;
  readonly psi?: string;
  readonly output?: (typeof DRIFT_FORMS)[number];
  readonly out?: string;
}

/** `understudy drift replay`: what a policy, and others than it, would have done on days of the past. */
export function registerReplay(drift: Command): void {
  const replay = declare(drift, 'replay', {
    summary: 'say which days of the past would have started a retraining, under the policy and under other bounds',
    example: 'understudy drift replay -f policy.yaml --from 2001-05-01 --to 2001-06-30 --psi 0.1,0.25',
    forms: DRIFT_FORMS,
  })
    .requiredOption('-f, --file <policy>', 'the policy to try')
    .requiredOption('--from <day>', 'first day on which drift is checked')
    .requiredOption('--to <day>', 'last one')
    .option('--psi <bounds>', 'bounds of PSI to try instead of the policy’s, with commas; nothing is counted again')
    .option(
      '--baseline <days>',
      'first and last day to compare with, as 2001-01-01..2001-03-31; without it the frozen baseline of the champion, for which the registry is asked',
    )
    .option('--out <file>', 'write the answer to this file');
  does<ReplayOptions>(replay, replayDays);
}

async function replayDays(screen: Screen, _: readonly string[], options: ReplayOptions): Promise<number> {
  const [from, to] = [dayFrom('--from', options.from), dayFrom('--to', options.to)];
  if (from > to) throw new CliFailure(EXIT.usage, `--from ${options.from} is after --to ${options.to}`, 'swap them');
  const psi = boundsFrom(options.psi);
  const baseline = options.baseline === undefined ? {} : { baseline: daysFrom('--baseline', options.baseline) };
  const { readValid } = await import('../read-policies.ts');
  const [policy] = await readValid(screen, [options.file], 'nothing was replayed');
  if (!policy) throw new CliFailure(EXIT.usage, 'there is no policy', 'understudy drift replay --help');
  const { appliedPolicy } = await import('../apply-policy.ts');
  const { deliver } = await import('../drift/deliver.ts');
  const { interruptible } = await import('../drift/progress.ts');
  const { replayDrift } = await import('../drift/replay.ts');
  const { portsFor } = await import('../wired-ports.ts');
  const ports = await portsFor(screen);
  const applied = appliedPolicy(policy, screen.identity);
  const stopped = { message: 'stopped; days counted so far are kept', next: 'the same command goes on from there' };
  const replay = await interruptible(screen, stopped, (work) =>
    replayDrift(ports, { applied, from, to, psi, ...baseline }, work),
  );
  await deliver(screen, await formOf(screen, replay, options), options.out);
  return EXIT.ok;
}

function boundsFrom(text: string | undefined): readonly number[] {
  const parts = text?.split(',') ?? [];
  if (parts.length > MOST_BOUNDS)
    throw new CliFailure(
      EXIT.usage,
      `--psi ${text}: at most ${MOST_BOUNDS} bounds can be tried at once`,
      'leave some out',
    );
  return parts.map((part) => {
    const bound = Number(part);
    if (part.trim() !== '' && bound > 0 && Number.isFinite(bound)) return bound;
    throw new CliFailure(EXIT.usage, `--psi ${text}: expected numbers above 0`, 'write them as 0.1,0.2,0.25');
  });
}

async function formOf(screen: Screen, replay: Replay, { out, output }: ReplayOptions): Promise<string> {
  if (output === 'json') return `${JSON.stringify({ schemaVersion: 1, ...replay }, undefined, 2)}\n`;
  if (output === 'html') {
    const { renderReplayPage } = await import('../drift/replay-page.ts');
    return renderReplayPage(replay);
  }
  const { renderReplay } = await import('../drift/replay-table.ts');
  const columns = out === undefined ? screen.columns : (screen.columns ?? 100);
  return `${renderReplay(replay, columns, screen.out.color && out === undefined)}\n`;
}
