import { readFile } from 'node:fs/promises';
import { decisionLogOf } from '../activities/decision-log.ts';
import type { LogLine } from '../scorecards/canary/decision-log.ts';
import { readLog } from '../scorecards/canary/read-log.ts';
import { CliFailure, EXIT } from './failure.ts';
import { newestRun } from './kept-run.ts';
import type { Screen } from './terminal.ts';
import { portsFor } from './wired-ports.ts';

export interface DecisionLogFile {
  /** The file, or the run whose log it is. */
  readonly from: string;
  readonly text: string;
}

/** The file of this name; else the log that the evidence store keeps of this run, or of this model's newest run. */
export async function readDecisionLog(screen: Pick<Screen, 'config' | 'err'>, name: string): Promise<DecisionLogFile> {
  const text = await textOf(name);
  if (text !== undefined) return { from: name, text };
  const { evidence } = await portsFor(screen);
  const run = await newestRun({ evidence }, name);
  if (run === undefined)
    throw new CliFailure(
      EXIT.notFound,
      `${name} is no file, and the evidence store knows no run or model of that name`,
      'understudy history MODEL, or name a file of JSON Lines',
    );
  const kept = await decisionLogOf(evidence, run);
  if (kept === '')
    throw new CliFailure(
      EXIT.notFound,
      `${run} never had mirrored or live traffic, so nothing was watched`,
      `understudy report ${run}`,
    );
  return { from: run, text: kept };
}

/** Throws CliFailure 3, with the line, when this is no decision log. */
export function linesIn({ from, text }: DecisionLogFile): readonly LogLine[] {
  const read = readLog(text);
  if ('lines' in read && read.lines.length > 0) return read.lines;
  const problem = 'lines' in read ? 'there is no line in it' : `line ${read.number}: ${read.problem}`;
  throw new CliFailure(
    EXIT.invalid,
    `${from} is no decision log: ${problem}`,
    'understudy replay RUN -o jsonl writes one',
  );
}

async function textOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR') return undefined;
    throw new CliFailure(EXIT.usage, `cannot read ${file}: ${message}`, 'name a file that can be read', {
      cause: error,
    });
  }
}
