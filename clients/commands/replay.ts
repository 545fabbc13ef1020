import type { Command } from 'commander';
import { declare, does } from '../declare-command.ts';
import { EXIT } from '../failure.ts';
import { answer } from '../terminal.ts';
import type { Screen } from '../terminal.ts';

interface ReplayOptions {
  readonly output?: 'json' | 'jsonl';
}

/** `understudy replay`: judges a decision log again; exit 0 when every verdict is reproduced, 1 otherwise. */
export function registerReplayLog(program: Command): void {
  const command = declare(program, 'replay', {
    summary: 'judge the looks of a rollout again, from the counters in its decision log',
    example: 'understudy replay flights-late',
    forms: ['json', 'jsonl'],
  })
    .argument('<log>', 'a file of JSON Lines, or a run id or model whose log is in the evidence store')
    .addHelpText(
      'after',
      '\nExit 0: every verdict is reproduced. Exit 1: one is not; the first line that differs is named.\n-o jsonl writes the log itself.',
    );
  does<ReplayOptions>(command, replay);
}

async function replay(screen: Screen, [name = '']: readonly string[], options: ReplayOptions): Promise<number> {
  const { readDecisionLog, linesIn } = await import('../read-decision-log.ts');
  const file = await readDecisionLog(screen, name);
  if (options.output === 'jsonl') {
    screen.out.write(file.text);
    return EXIT.ok;
  }
  const { replayLog } = await import('../../scorecards/canary/replay-log.ts');
  const { replayLines } = await import('../replay-lines.ts');
  const replayed = replayLog(linesIn(file));
  const reproduced = replayed.difference === undefined;
  answer(screen, { log: file.from, reproduced, ...replayed }, () => replayLines(replayed, screen.columns));
  return reproduced ? EXIT.ok : EXIT.failure;
}
