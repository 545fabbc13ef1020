import { setTimeout as pause } from 'node:timers/promises';
import { CommandFailure } from './cli.ts';
import type { Cli } from './cli.ts';
import { line } from './screen.ts';
import { APPROVER, MODEL } from './story.ts';
import type { Sheet, Story } from './story.ts';

/** The world that the story is played in: the embedded stack or a cluster, the story is the same. */
export interface Demo extends Story {
  /** Ask the person at the terminal instead of approving by script. */
  readonly asks: boolean;
  readonly signal: AbortSignal;
  readonly cli: Cli;
  readonly policy: string;
  /** Base address that clients of the model use. */
  readonly gateway: string;
  /** Requests of the customers, while a version is tried. */
  readonly ratePerSecond: number;
  /** Between two looks at a run; each look is a process of its own. */
  readonly lookEveryMs: number;
  /** Base addresses of the servers of a version, past the gateway: where they can be told to fail. */
  servers(version: string): Promise<readonly string[]>;
}

export async function trigger({ cli }: Demo, kind: string, asOf: string): Promise<string> {
  const answer = await cli.ask<{ answer: string; run: string }>(['trigger', MODEL, '--kind', kind, '--as-of', asOf]);
  return answer.run;
}

/** What `understudy` ends with when nobody answers it within ten seconds. */
const UNANSWERED = 69;
/** A busy machine may leave looks unanswered for so long; then something is wrong. */
const SILENT_MS = 60_000;

/** What a run tells of itself. Throws when nobody answers a minute long. */
export async function sheetOf({ cli, lookEveryMs, signal }: Demo, run: string): Promise<Sheet> {
  const giveUpAt = Date.now() + SILENT_MS;
  for (;;) {
    const sheet = await cli.ask<Sheet>(['status', run]).catch((cause: unknown) => {
      const isBusy = cause instanceof CommandFailure && cause.exitCode === UNANSWERED;
      if (isBusy && Date.now() < giveUpAt) return undefined;
      throw cause;
    });
    if (sheet !== undefined) return sheet;
    await pause(lookEveryMs, undefined, { signal });
  }
}

/** Stages that were already said, by run. */
const said = new Set<string>();

/** Says each stage as it ends, until `until` holds or the run is over. */
export async function follow(demo: Demo, run: string, until: (sheet: Sheet) => boolean = () => false): Promise<Sheet> {
  for (;;) {
    const sheet = await sheetOf(demo, run);
    // What the newest stage means is known when another follows it, or the run has ended.
    for (const stage of sheet.ended ? sheet.stages : sheet.stages.slice(0, -1)) {
      if (stage.state === 'running' || said.has(`${run} ${stage.stage}`)) continue;
      said.add(`${run} ${stage.stage}`);
      line(`${markOf(stage, sheet)} ${stage.stage.padEnd(10)} ${shortened(stage.result)}`);
    }
    if (sheet.ended || until(sheet)) return sheet;
    await pause(demo.lookEveryMs, undefined, { signal: demo.signal });
  }
}

/** The example's bound of latency is for a machine that has time to answer. */
const busyHint = (reason: string): string =>
  reason.includes('(p99)') ? '\nIs this machine busy? Let it rest, and run the demo again.' : '';

const MARKS: Readonly<Record<string, string>> = { done: '✔', failed: '✖' };

/** A stage that did its work and ended the run by what it found is marked like one that failed. */
function markOf(stage: Sheet['stages'][number], { ended, stages }: Sheet): string {
  const isGood = ended === undefined || ended.outcome === 'promoted' || ended.outcome === 'no-drift';
  const isLast = stages.findLast(({ state }) => state !== 'skipped') === stage;
  return isLast && !isGood ? '✖' : (MARKS[stage.state] ?? '·');
}

/** The named approver's word on exactly the digests that await it. With `--ask` the person at the terminal gives it. */
export async function approve(demo: Demo, { ended, run }: Sheet): Promise<void> {
  if (ended)
    throw new Error(
      `${run} ended before anybody could approve it: ${ended.outcome}, ${ended.reason}${busyHint(ended.reason)}`,
    );
  if (demo.asks) {
    line(
      `your turn, in another terminal: npx understudy --config examples/flights/understudy.config.yaml approve ${run} --as ${APPROVER}`,
    );
    return;
  }
  const reason = 'the scorecard holds and the shadow agrees';
  const said = await demo.cli.run(['approve', run, '--yes', '--as', APPROVER, '--reason', reason]);
  if (said.exitCode !== 0) throw new Error(`approve ${run} ended with ${said.exitCode}:\n${said.stderr}`);
  line(`approved by ${APPROVER}, by signal, for exactly this candidate and this scorecard`);
}

export function awaitsDecision(sheet: Sheet): boolean {
  return sheet.stage === 'approval' && sheet.stages.at(-1)?.state === 'running';
}

function shortened(text: string): string {
  return text.length > 150 ? `${text.slice(0, 149)}…` : text;
}
