import type { ApprovalState } from './decision.ts';
import type { Outcome, Stage } from './vocabulary.ts';

/** What a person sees of a run: kept by the workflow, answered to queries, rendered into Temporal's details. */
export interface RunSheet {
  readonly run: string;
  readonly model: string;
  readonly trigger: { readonly kind: string; readonly by: string; readonly reason?: string; readonly asOf: string };
  readonly stage: Stage;
  readonly champion?: { readonly version: string; readonly digest: string };
  readonly challenger?: { readonly version?: string; readonly digest: string };
  readonly weightPercent: number;
  readonly stages: readonly StageLine[];
  readonly approval: ApprovalState;
  readonly next?: string;
  readonly links: readonly { readonly name: string; readonly url: string }[];
  readonly ended?: { readonly outcome: Outcome; readonly reason: string; readonly at: string };
}

export interface StageLine {
  readonly stage: Stage;
  readonly state: 'running' | 'done' | 'failed' | 'skipped';
  readonly result: string;
  readonly startedAt: string;
  readonly endedAt?: string;
}

const ICONS: Readonly<Record<StageLine['state'], string>> = { running: '▶', done: '✔', failed: '✖', skipped: '·' };

/** At most this many bytes travel in a URL query of the Temporal UI. */
const DETAILS_BYTES = 4000;

/** The run as Markdown: what serves, since when, by whom, what next, how to stop it; then the stages; then what one can do. */
export function renderSheet(sheet: RunSheet): string {
  const { champion, challenger, weightPercent } = sheet;
  const serves = champion ? `v${champion.version} ${100 - weightPercent} %` : 'nothing yet';
  const against = challenger?.version && weightPercent > 0 ? ` · v${challenger.version} ${weightPercent} %` : '';
  const head = [
    `**serves** ${serves}${against}`,
    sheet.ended
      ? `**ended** ${sheet.ended.outcome}: ${sheet.ended.reason}`
      : `**next** ${sheet.next ?? 'see the stages below'}`,
    sheet.ended
      ? ''
      : `**stop** signal \`abort\` with \`{"by": "you@example", "reason": "…"}\`, or \`understudy abort ${sheet.run}\``,
  ].filter((line) => line !== '');
  const rows = sheet.stages.map(
    (line) => `| ${ICONS[line.state]} ${line.stage} | ${cell(line.result)} | ${took(line)} |`,
  );
  const table = ['| stage | result | took |', '|---|---|---|', ...rows];
  const links = sheet.links.map((link) => `[${link.name}](${link.url})`).join(' · ');
  // What a person must send comes before the long table: if anything is cut off, it is the table's end.
  return cutBytes(
    [head.join('  \n'), '', ...whatYouCanDo(sheet), ...table, '', links].join('\n').trimEnd(),
    DETAILS_BYTES,
  );
}

function whatYouCanDo(sheet: RunSheet): string[] {
  const { request, outcome, refused, accepted } = sheet.approval;
  const lines: string[] = [];
  if (request && !outcome) {
    const json = {
      candidate: request.candidate,
      scorecard: request.scorecard,
      decision: request.bootstrap ? 'bootstrap' : 'approve',
      approver: request.approvers[0] ?? '',
      reason: '…',
    };
    lines.push(
      '### What you can do now',
      `Send signal \`decide\` (${request.quorum - accepted.length} of ${request.quorum} still needed, from ${request.approvers.join(', ')}):`,
      '```json',
      JSON.stringify(json),
      '```',
      `To refuse, the same with \`"decision": "reject"\`. From a terminal: \`understudy approve ${sheet.run}\`.`,
      '',
    );
  }
  const last = refused.at(-1);
  if (last) lines.push(`${refused.length} refused decision(s), the last: ${cell(last.reason)}`, '');
  return lines;
}

/** A backslash is escaped too: one before a pipe would undo the pipe's own. */
function cell(text: string): string {
  return text.replaceAll(/[\\|]/g, String.raw`\$&`).replaceAll(/\r\n|[\r\n]/g, ' ');
}

function took(line: StageLine): string {
  if (line.endedAt === undefined) return 'since ' + line.startedAt.slice(11, 19);
  return formatSeconds((Date.parse(line.endedAt) - Date.parse(line.startedAt)) / 1000);
}

/** `8.4 s`, `3 m 20 s`, `2 h 04 m`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} m ${Math.round(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} m`;
}

/** Cuts at a whole character so that at most `limit` bytes of UTF-8 remain. */
export function cutBytes(text: string, limit: number): string {
  if (utf8Bytes(text) <= limit) return text;
  let kept = '';
  let bytes = 3; // The ellipsis.
  for (const character of text) {
    bytes += utf8Bytes(character);
    if (bytes > limit) break;
    kept += character;
  }
  return `${kept}…`;
}

/** Counted by hand: workflows have no TextEncoder in their sandbox on every runtime. */
function utf8Bytes(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}
