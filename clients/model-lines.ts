import type { Ports } from '../activities/context.ts';
import type { RunSheet } from '../scorecards/run-sheet.ts';
import type { WatchState } from '../scorecards/watch.ts';
import type { Session } from './connect.ts';
import { sheetOf, watchOf } from './runs.ts';

/** One model as `understudy get` shows it. */
export interface ModelLine {
  readonly model: string;
  readonly owner: string | null;
  /** Behind the registry's pointer; null when there is none, undefined when the registry does not answer. */
  readonly champion: { readonly version: string } | null | undefined;
  readonly run: ActiveLine | null;
  readonly paused: WatchState['paused'] | null;
  readonly lastRun: string | null;
  readonly next: string;
  readonly stop: string;
}

interface ActiveLine {
  readonly id: string;
  readonly stage: string;
  readonly needsHuman: boolean;
  readonly weightPercent: number;
}

/** Who needs a person comes first, then who runs, then the rest by name. */
export async function modelLines(
  session: Session,
  registry: Ports['registry'],
  models: readonly string[],
): Promise<readonly ModelLine[]> {
  const lines = await Promise.all(models.map((model) => lineOf(session, registry, model)));
  const rank = ({ run }: ModelLine) => (run?.needsHuman ? 0 : run ? 1 : 2);
  return lines.toSorted((a, b) => rank(a) - rank(b) || (a.model < b.model ? -1 : 1));
}

async function lineOf(session: Session, registry: Ports['registry'], model: string): Promise<ModelLine> {
  const state = await watchOf(session, model);
  const busy = state.active ?? state.starting;
  const sheet = busy && (await sheetOf(session, busy.run));
  return {
    model,
    owner: state.applied?.policy.metadata.owner ?? null,
    champion: await championOf(registry, model),
    run: sheet ? activeLine(sheet) : null,
    paused: state.paused ?? null,
    lastRun: state.runs.at(-1) ?? null,
    ...ahead(model, state, sheet),
  };
}

/** What comes next, and the command that stops it. */
function ahead(model: string, { paused }: WatchState, sheet: RunSheet | undefined): Pick<ModelLine, 'next' | 'stop'> {
  if (sheet) return { next: sheet.next ?? sheet.stage, stop: `understudy abort ${model}` };
  if (paused) return { next: `understudy resume ${model}`, stop: '' };
  return { next: 'the next trigger', stop: `understudy pause ${model}` };
}

function activeLine({ approval, run, stage, weightPercent }: RunSheet): ActiveLine {
  const needsHuman = approval.request !== undefined && approval.outcome === undefined;
  return { id: run, stage, needsHuman, weightPercent };
}

async function championOf(registry: Ports['registry'], model: string): Promise<ModelLine['champion']> {
  try {
    const version = (await registry.aliases(model))['champion'];
    return version === undefined ? null : { version };
  } catch {
    // The list is about what is in flight; a registry that is away must not hide it.
    return undefined;
  }
}
