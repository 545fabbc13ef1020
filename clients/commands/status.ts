import type { Command } from 'commander';
import type { RunSheet } from '../../scorecards/run-sheet.ts';
import type { Session } from '../connect.ts';
import { declare, does } from '../declare-command.ts';
import { EXIT } from '../failure.ts';
import { answer } from '../terminal.ts';
import type { Screen } from '../terminal.ts';

/** Cells that a tree fills where there is no terminal to ask. */
const USUAL_COLUMNS = 100;

/** `understudy status`: a run on one screen; `--watch` follows it, off a terminal with one line per transition. */
export function registerStatus(program: Command): void {
  const command = declare(program, 'status', {
    summary: 'show a run: what serves, its stages, what comes next, how to stop it',
    example: 'understudy status flights-late --watch',
  })
    .argument('<run>', 'run id, or the model: its active run, else its last one')
    .option('-w, --watch', 'follow it until it has ended; the exit code is its verdict');
  does<{ readonly watch?: true }>(command, async (screen, [name = ''], { watch }) => {
    const { withSession } = await import('../connect.ts');
    const { runNamed, sheetOf } = await import('../runs.ts');
    return withSession(screen, async (session) => {
      const run = await runNamed(session, name);
      if (watch === true) return watchRun(session, screen, run);
      const sheet = await sheetOf(session, run);
      const { renderTree } = await import('../run-tree.ts');
      const columns = screen.columns ?? USUAL_COLUMNS;
      const stop = sheet.ended ? null : `understudy abort ${run}`;
      answer(screen, { ...sheet, stop }, () =>
        renderTree(sheet, { color: screen.out.color, columns, now: Date.now() }),
      );
      return EXIT.ok;
    });
  });
}

async function watchRun(session: Session, screen: Screen, run: string): Promise<number> {
  const { follow } = await import('../follow.ts');
  const { exitOfEnd } = await import('../verdict-exit.ts');
  const show = await showing(screen);
  const sheet = await follow({
    session,
    screen,
    run,
    onSheet: (seen) => {
      show(seen);
      return seen.ended !== undefined;
    },
  });
  return sheet.ended ? exitOfEnd({ ended: sheet.ended, stage: sheet.stage }, 'ended') : EXIT.ok;
}

/** On a terminal the tree is drawn over itself; elsewhere each change is a line (a JSON document a line with `-o json`). */
async function showing(screen: Screen): Promise<(sheet: RunSheet) => void> {
  const { renderTree, transitions } = await import('../run-tree.ts');
  let before: RunSheet | undefined;
  const { columns } = screen;
  if (screen.json || columns === undefined)
    return (sheet) => {
      const lines = transitions(before, sheet);
      before = sheet;
      if (!screen.json) for (const line of lines) screen.out.write(`${line}\n`);
      else if (lines.length > 0) screen.out.write(`${JSON.stringify({ schemaVersion: 1, ...sheet })}\n`);
    };
  let height = 0;
  return (sheet) => {
    const text = renderTree(sheet, { color: screen.out.color, columns, now: Date.now() });
    // Up over what was drawn before, and clear from there on.
    screen.out.write(`${height === 0 ? '' : `\u001b[${height}A\u001b[0J`}${text}\n`);
    height = text.split('\n').length;
  };
}
