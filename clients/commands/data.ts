import type { Command } from 'commander';
import { declare, does } from '../declare-command.ts';
import { CliFailure, EXIT } from '../failure.ts';
import { answer } from '../terminal.ts';
import type { Screen } from '../terminal.ts';

interface EraseOptions {
  readonly reason?: string;
  readonly as?: string;
  readonly yes?: true;
}

/** `understudy data erase`: the files of snapshots go for good, a tombstone stays. */
export function registerData(program: Command): void {
  const data = program.command('data').summary('what is kept of data').description('What is kept of data.');
  const erase = declare(data, 'erase', {
    summary: 'remove the files of snapshots for good; who, when and why stays with their manifest and digests',
    example: 'understudy data erase sha256:0123456789ab --reason "erasure request 4711" --as dpo@example --yes',
  })
    .argument('<snapshot...>', 'digest of the snapshot, or its beginning, as understudy report RUN prints it')
    .option('--reason <text>', 'why; whoever asks for the snapshot later reads it')
    .option('--as <person>', 'who erases (default: user@host)')
    .option('--yes', 'do not ask for the model’s name');
  does<EraseOptions>(erase, eraseNamed);
}

async function eraseNamed(screen: Screen, names: readonly string[], options: EraseOptions): Promise<number> {
  const reason = options.reason?.trim() ?? '';
  if (reason === '') throw new CliFailure(EXIT.usage, 'an erasure needs --reason', 'understudy data erase --help');
  const { eraseSnapshots, keptSnapshots } = await import('../../activities/erasure.ts');
  const { chooseSnapshots, erasedLine, refuseInUse, refuseShared } = await import('../erase-snapshots.ts');
  const { withSession } = await import('../connect.ts');
  const { confirmModel } = await import('../confirm.ts');
  const { portsFor } = await import('../wired-ports.ts');
  const ports = await portsFor(screen);
  const all = await keptSnapshots(ports);
  const chosen = chooseSnapshots(all, names);
  refuseShared(chosen, all);
  await withSession(screen, (session) => refuseInUse(session, chosen));
  const models = [...new Set(chosen.map(({ model }) => model))];
  if (options.yes !== true) for (const model of models) await confirmModel(screen, 'erase its data', model);
  const word = { by: options.as ?? screen.identity, at: new Date().toISOString(), reason };
  const tombstones = await eraseSnapshots(ports, { chosen, all }, word);
  const erased = tombstones.map((tombstone, place) => ({
    ...tombstone,
    runs: chosen[place]?.runs ?? [],
    before: chosen[place]?.tombstone !== undefined,
  }));
  answer(screen, { erased }, () => erased.map(erasedLine).join('\n'));
  return EXIT.ok;
}
