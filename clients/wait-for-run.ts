import type { RunSheet } from '../scorecards/run-sheet.ts';
import { lasting } from './moments.ts';
import { follow } from './follow.ts';
import type { Following } from './follow.ts';
import { EXIT } from './failure.ts';
import { answer } from './terminal.ts';
import { exitOfEnd, isReached } from './verdict-exit.ts';
import type { Goal } from './verdict-exit.ts';

/** Waits until a run meets its goal or has ended; the answer is the exit code, which is the verdict. */
export async function waitForRun(wanted: Omit<Following, 'onSheet'> & { readonly goal: Goal }): Promise<number> {
  const { goal, screen } = wanted;
  const sheet = await follow({ ...wanted, onSheet: (seen) => seen.ended !== undefined || isReached(seen, goal) });
  const { ended } = sheet;
  const reached = isReached(sheet, goal) || (goal === 'ended' && ended !== undefined) || ended?.outcome === 'promoted';
  // A run that asked people and went on has been at `approval`, whatever became of it.
  const exitCode =
    ended && !(isReached(sheet, goal) && goal !== 'ended') ? exitOfEnd({ ended, stage: sheet.stage }, goal) : EXIT.ok;
  const { model, run, stage } = sheet;
  answer(screen, { run, model, for: goal, reached, exitCode, outcome: ended?.outcome ?? null, stage, sheet }, () =>
    textFor(sheet),
  );
  return exitCode;
}

function textFor(sheet: RunSheet): string {
  const { champion, challenger, ended, run, stages } = sheet;
  if (!ended)
    return `${run}: ${sheet.next ?? sheet.stage}${sheet.approval.request ? `\nnext: understudy approve ${run}` : ''}`;
  const began = stages[0]?.startedAt ?? ended.at;
  const serves = champion ? `v${champion.version}` : 'nothing yet';
  const beside =
    challenger?.version === undefined || challenger.version === champion?.version ? '' : `, not v${challenger.version}`;
  return [
    `${ended.outcome} after ${lasting(Date.parse(ended.at) - Date.parse(began))}: ${ended.reason}`,
    `  why     understudy report ${run}`,
    `  serves  ${serves}${beside}`,
  ].join('\n');
}
