import type { Difference, ReplayedLog } from '../scorecards/canary/replay-log.ts';
import { counted } from '../scorecards/canary/wording.ts';
import { renderTable } from './table.ts';

/** One row a watch, and whether the judge says the same again. */
export function replayLines({ difference, looks, phases }: ReplayedLog, columns: number | undefined): string {
  const head = ['PHASE', 'STARTED', 'LOOKS', 'GAPS', 'CHAMPION', 'CHALLENGER', 'VERDICT'];
  const rows = phases.map(({ bad, ended, gaps, phase, requests, startedAt, word, ...of }) => [
    phase,
    startedAt,
    counted(of.looks),
    counted(gaps),
    `${counted(bad.champion)} of ${counted(requests.champion)} bad`,
    `${counted(bad.challenger)} of ${counted(requests.challenger)} bad`,
    `${word ?? 'none yet'}${ENDED[ended ?? 'open']}`,
  ]);
  const outcome = difference ? sentenceOf(difference) : `reproduced: every verdict of ${counted(looks)} looks`;
  return `${renderTable({ head, rows }, columns)}\n${outcome}`;
}

const ENDED = {
  decided: '',
  lapsed: ', dark for too long',
  'called-off': ', called off',
  open: ', the log stops here',
} as const;

function sentenceOf({ line, look, phase, recorded, replayed, what }: Difference): string {
  const where = look === undefined ? phase : `${phase}, look ${look}`;
  return `differs in line ${line} (${where}): ${what} is ${recorded} in the log, ${replayed} when judged again`;
}
