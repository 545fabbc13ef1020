import type { Command } from 'commander';
import { declare, does } from '../declare-command.ts';
import { EXIT } from '../failure.ts';
import { printable } from '../../scorecards/diagnostics/diagnostic.ts';
import { sayFile, saySigned } from '../../scorecards/sign-off.ts';
import type { RuleFiles, SignedScorecard } from '../../scorecards/sign-off.ts';
import type { ScheduleChange } from '../schedules.ts';
import { answer } from '../terminal.ts';
import type { Screen } from '../terminal.ts';

interface ApplyOptions {
  readonly file: readonly string[];
  readonly dryRun?: true;
  readonly paused?: string;
  readonly as?: string;
}

interface Applied {
  readonly model: string;
  readonly policyDigest: string;
  readonly scorecardDigest: string;
  readonly files: RuleFiles;
  readonly scorecard: SignedScorecard;
  readonly changed: boolean;
  readonly schedules: readonly ScheduleChange[];
}

/** `understudy apply`: puts policies in force; all of them are checked before the first one is. */
export function registerApply(program: Command): void {
  const command = declare(program, 'apply', {
    summary: 'put policies in force, with their Schedules',
    example: 'understudy apply -f policy.yaml',
  })
    .requiredOption('-f, --file <files...>', 'policies')
    .option('--dry-run', 'say what would change, change nothing')
    .option('--paused <note>', 'Schedules that are created now begin paused, with this note')
    .option('--as <person>', 'who applies (default: user@host)');
  does(command, apply);
}

async function apply(screen: Screen, _: readonly string[], options: ApplyOptions): Promise<number> {
  const { readValid } = await import('../read-policies.ts');
  const policies = await readValid(screen, options.file, 'nothing was applied');
  const { requireCommitted } = await import('../rule-files.ts');
  const kept = await requireCommitted(screen, policies, options.file);
  const { withSession } = await import('../connect.ts');
  const { applyOne } = await import('../apply-policy.ts');
  const items = await withSession(screen, async (session) => {
    const done: Applied[] = [];
    for (const policy of kept) done.push(await applyOne(session, policy, options));
    return done;
  });
  answer(screen, { dryRun: options.dryRun === true, items }, () =>
    items.flatMap((item) => linesOf(item, options)).join('\n'),
  );
  return EXIT.ok;
}

function linesOf(item: Applied, { dryRun }: ApplyOptions): string[] {
  const would = dryRun ? 'would be ' : '';
  const word = item.changed ? `${would}applied` : 'unchanged';
  return [
    `${item.model}  policy sha256:${item.policyDigest.slice(0, 12)}…  ${word}`,
    `  policy     ${printable(sayFile(item.files.policy))}`,
    `  scorecard  ${printable(saySigned(item.scorecard))}`,
    ...item.schedules.map(({ change, id, next, paused, what }) => {
      const state = paused ? `  paused: ${paused.note}` : next ? `  next ${next}` : '';
      return `  ${change === 'unchanged' ? change : `${would}${change}`}  ${id}  ${what}${state}`;
    }),
  ];
}
