import type { Command } from 'commander';
import { declare, does } from '../declare-command.ts';
import { namesIn } from '../drift/feature-names.ts';
import { CliFailure, EXIT } from '../failure.ts';
import { answer } from '../terminal.ts';
import type { Screen } from '../terminal.ts';

/** `understudy drift regrid`: the only thing that ever changes a frozen grid. */
export function registerRegrid(drift: Command): void {
  const command = declare(drift, 'regrid', {
    summary: 'freeze grids of features anew, and count the baseline of the champion again on them',
    example: 'understudy drift regrid flights-late --features fare',
  })
    .argument('<model>', 'name of the policy')
    .requiredOption(
      '--features <names>',
      'features whose grid no longer fits them, with commas; one that has a comma in double quotes; may be given again',
      namesIn,
    );
  does<{ readonly features: readonly string[] }>(command, regridFeatures);
}

async function regridFeatures(
  screen: Screen,
  [model = '']: readonly string[],
  { features }: { readonly features: readonly string[] },
): Promise<number> {
  const { regrid } = await import('../../activities/baseline.ts');
  const { championOf } = await import('../../activities/opening.ts');
  const { withSession } = await import('../connect.ts');
  const { watchOf } = await import('../runs.ts');
  const { portsFor } = await import('../wired-ports.ts');
  const { interruptible } = await import('../drift/progress.ts');
  const { applied } = await withSession(screen, (session) => watchOf(session, model));
  if (!applied) throw new CliFailure(EXIT.notFound, `no policy is applied for ${model}`, 'understudy apply -f POLICY');
  const ports = await portsFor(screen);
  const champion = await championOf(ports, model);
  const next = `understudy trigger ${model} --kind bootstrap`;
  if (!champion) throw new CliFailure(EXIT.notFound, `${model} has no champion, so nothing was counted yet`, next);
  const again = { message: 'stopped; the baseline is as it was', next: 'the same command again' };
  const { grids, rows, span } = await interruptible(screen, again, (work) =>
    regrid(ports, { applied, champion, features }, work),
  );
  const told = {
    model,
    champion: champion.version,
    features,
    rows,
    span,
    grids: grids.map(({ feature, id }) => ({ feature, id })),
  };
  answer(screen, told, () => {
    const days = `${span.from.slice(0, 10)} … ${span.until.slice(0, 10)}`;
    return `✔ ${features.join(', ')}: new grids; the baseline of v${champion.version} was counted again, ${rows} rows of ${days}`;
  });
  return EXIT.ok;
}
