import stringWidth from 'string-width';
import { formatSeconds } from '../scorecards/run-sheet.ts';
import type { RunSheet, StageLine } from '../scorecards/run-sheet.ts';
import { STAGES } from '../scorecards/vocabulary.ts';
import { printable } from '../scorecards/diagnostics/diagnostic.ts';
import { lasting } from './moments.ts';
import { painter } from './paint.ts';
import type { Paint, Style } from './paint.ts';
import { cutTo, pad } from './table.ts';

export interface TreeOptions {
  readonly color: boolean;
  /** Cells to fill. */
  readonly columns: number;
  /** Wall time, milliseconds. */
  readonly now: number;
}

const LOOKS: Readonly<Record<StageLine['state'], readonly [icon: string, style: Style]>> = {
  running: ['▶', 'cyan'],
  done: ['✔', 'green'],
  failed: ['✖', 'red'],
  skipped: ['·', 'dim'],
};
const HEADER_CELLS = 33;
const NAME_CELLS = 11;
const TIME_CELLS = 12;

/** A run on one screen: what serves, since when, who approved, what next, how to stop it; between them the stages. */
export function renderTree(sheet: RunSheet, { color, columns, now }: TreeOptions): string {
  const paint = painter(color);
  const shown = new Set(sheet.stages.map((line) => line.stage));
  const ahead = sheet.ended ? [] : STAGES.filter((stage) => !shown.has(stage));
  return [
    header(sheet, paint, columns),
    ...versions(sheet).map((line) => cutTo(`  ${printable(line)}`, columns)),
    ...sheet.stages.map((line) => stageRow(asEnded(line, sheet), { paint, columns, now })),
    ...ahead.map((stage) => paint('dim', `  · ${stage}`)),
    ...footer(sheet).map((line) => cutTo(printable(line), columns)),
  ].join('\n');
}

function header(sheet: RunSheet, paint: Paint, columns: number): string {
  const { ended, model, stage, weightPercent } = sheet;
  const weight = weightPercent > 0 ? `   w ${weightPercent} %` : '';
  const isGood = endedWell(sheet);
  const state = ended ? `${isGood ? '✔' : '✖'} ${ended.outcome}` : `▶ ${stage}${weight}`;
  const room = Math.max(1, Math.min(HEADER_CELLS, columns - stringWidth(state) - 1));
  return `${paint('bold', pad(cutTo(printable(model), room), room))} ${paint(isGood ? 'green' : 'red', state)}`;
}

const endedWell = ({ ended }: RunSheet): boolean =>
  ended === undefined || ended.outcome === 'promoted' || ended.outcome === 'no-drift';

/** A stage that did its work and ended the run by what it found is no success to whoever looks at the marks alone. */
function asEnded(line: StageLine, sheet: RunSheet): StageLine {
  const decided = sheet.stages.findLast(({ state }) => state !== 'skipped');
  return line === decided && line.state === 'done' && !endedWell(sheet) ? { ...line, state: 'failed' } : line;
}

function versions({ approval, champion, challenger, run, trigger }: RunSheet): string[] {
  const digest = (text: string) => (text === '' ? '' : `  sha256:${text.slice(0, 12)}…`);
  const people = approval.accepted.map((decision) => `${decision.decision} by ${decision.approver}`).join(', ');
  const why = trigger.reason === undefined ? '' : `: ${trigger.reason}`;
  return [
    `champion    ${champion ? `v${champion.version}${digest(champion.digest)}` : 'none yet'}`,
    ...(challenger ? [`challenger  v${challenger.version ?? '?'}${digest(challenger.digest)}`] : []),
    `run         ${run}`,
    `asked by    ${trigger.by} (${trigger.kind}, as of ${trigger.asOf})${why}`,
    ...(people === '' ? [] : [`decided     ${people}`]),
  ];
}

function stageRow(line: StageLine, { paint, columns, now }: { paint: Paint; columns: number; now: number }): string {
  const [icon, style] = LOOKS[line.state];
  const took = line.state === 'skipped' ? '' : tookText(line, now);
  const room = Math.max(8, columns - NAME_CELLS - TIME_CELLS - 6);
  const text = pad(cutTo(printable(line.result || 'running'), room), room);
  return `  ${paint(style, icon)} ${pad(line.stage, NAME_CELLS)}${text} ${took.padStart(TIME_CELLS)}`.trimEnd();
}

function tookText(line: StageLine, now: number): string {
  if (line.endedAt === undefined) return lasting(now - Date.parse(line.startedAt));
  return formatSeconds((Date.parse(line.endedAt) - Date.parse(line.startedAt)) / 1000);
}

function footer({ approval, ended, next, run }: RunSheet): string[] {
  if (ended) return [`ended: ${ended.reason}`, `why: understudy report ${run}`];
  const asks = approval.request !== undefined && approval.outcome === undefined;
  return [
    `next: ${next ?? 'see the stages'}`,
    ...(asks ? [`decide: understudy approve ${run}, or understudy reject ${run} --reason …`] : []),
    `stop: understudy abort ${run}`,
  ];
}

/** What changed between two looks, one line each, for logs: time, model, stage, facts. */
export function transitions(before: RunSheet | undefined, after: RunSheet): string[] {
  const { model } = after;
  const fact = (at: string, word: string, text: string) =>
    `${at} ${model} ${word.padEnd(11)} ${printable(text)}`.trimEnd();
  const known = new Map(before?.stages.map((line) => [line.stage, line]));
  const lines = after.stages.flatMap((line) => {
    const old = known.get(line.stage);
    if (old?.state === line.state && old.result === line.result) return [];
    const at = line.endedAt ?? line.startedAt;
    return [
      fact(at, line.stage, `state=${line.state}${line.result === '' ? '' : ` result=${JSON.stringify(line.result)}`}`),
    ];
  });
  const started = before ? [] : [fact(after.stages[0]?.startedAt ?? after.trigger.asOf, 'started', startFacts(after))];
  const ended = after.ended && !before?.ended ? [fact(after.ended.at, after.ended.outcome, endFacts(after.ended))] : [];
  return [...started, ...lines, ...weightLine(before, after, fact), ...ended];
}

function startFacts({ run, trigger }: RunSheet): string {
  return `run=${run} trigger=${trigger.kind} by=${trigger.by}`;
}

function endFacts(ended: NonNullable<RunSheet['ended']>): string {
  return `reason=${JSON.stringify(ended.reason)}`;
}

function weightLine(
  before: RunSheet | undefined,
  after: RunSheet,
  fact: (at: string, word: string, text: string) => string,
): string[] {
  const from = before?.weightPercent ?? 0;
  if (from === after.weightPercent) return [];
  const at = after.ended?.at ?? after.stages.at(-1)?.startedAt ?? after.trigger.asOf;
  return [fact(at, 'weight', `weight=${from}->${after.weightPercent}`)];
}
