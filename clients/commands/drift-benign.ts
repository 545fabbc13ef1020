import type { Command } from 'commander';
import { BENIGN_KINDS } from '../../scorecards/drift/benign.ts';
import type { BenignKind, BenignMark } from '../../scorecards/drift/benign.ts';
import { declare, does } from '../declare-command.ts';
import { dayFrom } from '../drift/days.ts';
import { CliFailure, EXIT } from '../failure.ts';
import { answer } from '../terminal.ts';
import type { Screen } from '../terminal.ts';

interface BenignOptions {
  readonly until?: string;
  readonly reason?: string;
  readonly kind: string;
  readonly as?: string;
}

/** `understudy drift benign`: a person's word that a finding is harmless, for a while; without a column, what was said so far. */
export function registerBenign(drift: Command): void {
  const command = declare(drift, 'benign', {
    summary: 'mark findings of a column as harmless until a day, or list what is marked',
    example: 'understudy drift benign flights-late hour --until 2001-06-01 --reason "summer timetable"',
  })
    .argument('<model>', 'name of the policy')
    .argument('[column]', 'column whose findings neither warn nor breach; absent: list the marks')
    .option('--until <day>', 'windows that end later count again')
    .option('--reason <text>', 'why; shown with each finding and kept as evidence')
    .option('--kind <kind>', BENIGN_KINDS.join(', '), 'data')
    .option('--as <person>', 'who says so (default: user@host)');
  does<BenignOptions>(command, async (screen, [model = '', column = ''], options) =>
    column === '' ? list(screen, model) : mark(screen, { model, column }, options),
  );
}

async function list(screen: Screen, model: string): Promise<number> {
  const { benignMarks } = await import('../../activities/benign.ts');
  const { portsFor } = await import('../wired-ports.ts');
  const marks = await benignMarks(await portsFor(screen), model);
  answer(screen, { model, marks }, () =>
    marks.length === 0
      ? `nothing of ${model} is marked benign; next: understudy drift benign ${model} COLUMN --until DAY --reason TEXT`
      : marks.map(lineOf).join('\n'),
  );
  return EXIT.ok;
}

const lineOf = ({ at, by, column, kind, reason, until }: BenignMark) =>
  `${column} (${kind})  until ${until.slice(0, 10)}  ${by}, ${at.slice(0, 10)}: ${reason}`;

async function mark(
  screen: Screen,
  of: { readonly model: string; readonly column: string },
  options: BenignOptions,
): Promise<number> {
  const asked = { reason: said(options.reason, '--reason'), until: said(options.until, '--until') };
  const kind = kindOf(options.kind);
  const until = new Date(dayFrom('--until', asked.until)).toISOString();
  const { markBenign } = await import('../../activities/benign.ts');
  const { withSession } = await import('../connect.ts');
  const { watchOf } = await import('../runs.ts');
  const { portsFor } = await import('../wired-ports.ts');
  const by = await withSession(screen, async (session) => {
    await watchOf(session, of.model);
    return options.as ?? session.identity;
  });
  const at = new Date().toISOString();
  const made: BenignMark = { schemaVersion: 1, ...of, kind, by, reason: asked.reason, until, at };
  await markBenign(await portsFor(screen), made);
  answer(screen, made, () => `${lineOf(made)}\nnext: understudy drift ${of.model}`);
  return EXIT.ok;
}

/** A mark without a reason or without an end would be a hole that nobody remembers. */
function said(text: string | undefined, flag: string): string {
  if (text !== undefined && text.trim() !== '') return text.trim();
  throw new CliFailure(EXIT.usage, `a mark needs ${flag}`, 'understudy drift benign --help');
}

function kindOf(text: string): BenignKind {
  const kind = BENIGN_KINDS.find((one) => one === text);
  if (kind) return kind;
  const message = `--kind ${text} cannot be marked benign; expected one of ${BENIGN_KINDS.join(', ')}`;
  throw new CliFailure(EXIT.usage, message, 'understudy drift benign --help');
}
