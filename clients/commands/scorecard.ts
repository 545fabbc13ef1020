import type { Command } from 'commander';
import { declare, does } from '../declare-command.ts';
import { EXIT } from '../failure.ts';
import { answer } from '../terminal.ts';
import type { Screen } from '../terminal.ts';
import { registerScorecardRun } from './scorecard-run.ts';

/** `understudy scorecard`: works with scorecards alone, without a server. */
export function registerScorecard(program: Command): void {
  const scorecard = program
    .command('scorecard')
    .summary('work with scorecards, offline')
    .description('Work with scorecards, offline.');
  registerScorecardRun(scorecard);
  const diff = declare(scorecard, 'diff', {
    summary: 'say what a change of a scorecard makes looser, stricter or merely other, presets merged in',
    example: 'understudy scorecard diff agreed.yaml scorecard.yaml',
  })
    .argument('<old>', 'scorecard, or policy with its scorecard; /dev/stdin for `git show main:scorecard.yaml |`')
    .argument('<new>', 'scorecard, or policy with its scorecard');
  diff.addHelpText('after', '\nExit code: 0 nothing became looser, 1 something did, 3 one of the two is invalid.');
  does(diff, compare);
}

async function compare(screen: Screen, [before = '', after = '']: readonly string[]): Promise<number> {
  const { readScorecardOf } = await import('../read-scorecards.ts');
  const { diffScorecards } = await import('../../scorecards/scorecard-diff.ts');
  const { renderScorecardDiff } = await import('../scorecard-diff-lines.ts');
  // One after the other: both may be read from a pipe.
  const old = await readScorecardOf(screen, before);
  const now = await readScorecardOf(screen, after);
  const changes = diffScorecards(old.scorecard, now.scorecard);
  const looser = changes.filter(({ direction }) => direction === 'looser').length;
  const sides = { old: { file: before, digest: old.digest }, new: { file: after, digest: now.digest } };
  answer(screen, { ...sides, looser, changes }, () => renderScorecardDiff(changes, screen.out.color));
  return looser > 0 ? EXIT.failure : EXIT.ok;
}
