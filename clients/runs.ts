import { WorkflowNotFoundError } from '@temporalio/client';
import { watchId } from '../activities/door.ts';
import { nearest } from '../scorecards/diagnostics/suggest.ts';
import type { RunSheet } from '../scorecards/run-sheet.ts';
import type { WatchState } from '../scorecards/watch.ts';
import { runSheetQuery, watchStateQuery } from '../workflows/messages.ts';
import type { Session } from './connect.ts';
import { CliFailure, EXIT } from './failure.ts';

/** All models that have ever been applied. Throws as `ask`. */
export async function listModels(session: Session): Promise<readonly string[]> {
  return session.ask('the list of models', async () => {
    const names: string[] = [];
    const query = "WorkflowType = 'watchModel' AND ExecutionStatus = 'Running'";
    for await (const { workflowId } of session.client.workflow.list({ query })) names.push(modelOf(workflowId));
    return [...new Set(names)].toSorted();
  });
}

/** What a model's standing workflow knows; undefined when no policy was ever applied under this name. */
export async function findWatch(session: Session, model: string): Promise<WatchState | undefined> {
  try {
    return await session.ask(`what is known of ${model}`, () =>
      session.client.workflow.getHandle(watchId(model)).query(watchStateQuery),
    );
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

/** As `findWatch`; throws CliFailure 5 with the nearest name. */
export async function watchOf(session: Session, model: string): Promise<WatchState> {
  const found = await findWatch(session, model);
  if (found !== undefined) return found;
  const near = nearest(model, await listModels(session).catch(() => []));
  const meant = near === undefined ? '' : `; did you mean ${near}?`;
  throw new CliFailure(
    EXIT.notFound,
    `there is no model ${model}${meant}`,
    'understudy get, or understudy apply -f POLICY',
  );
}

export function isRunId(name: string): boolean {
  return name.startsWith('retrain/');
}

export function modelOf(workflowId: string): string {
  return workflowId.split('/')[1] ?? workflowId;
}

/** RUN is a run id, or a model: its active run, else its last one. Throws CliFailure 5. */
export async function runNamed(session: Session, name: string): Promise<string> {
  if (isRunId(name)) return name;
  const { active, runs, starting } = await watchOf(session, name);
  const run = active?.run ?? starting?.run ?? runs.at(-1);
  if (run !== undefined) return run;
  throw new CliFailure(EXIT.notFound, `${name} has never been retrained`, `understudy trigger ${name}`);
}

/** A run's sheet, also of a run that was terminated without a last word, or that Temporal has forgotten. */
export async function sheetOf(session: Session, run: string): Promise<RunSheet> {
  const handle = session.client.workflow.getHandle(run);
  try {
    const sheet = await session.ask(`the run sheet of ${run}`, () => handle.query(runSheetQuery));
    return sheet.ended ? sheet : await completed(session, sheet);
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    const kept = await (await import('./kept-run.ts')).keptSheet(session.file, run);
    if (kept !== undefined) return kept;
    throw new CliFailure(EXIT.notFound, `there is no run ${run}`, `understudy history ${modelOf(run)}`);
  }
}

async function completed(session: Session, sheet: RunSheet): Promise<RunSheet> {
  return session.ask(`the state of ${sheet.run}`, async () => {
    const { closeTime, status } = await session.client.workflow.getHandle(sheet.run).describe();
    if (status.name !== 'RUNNING' && status.name !== 'COMPLETED') {
      const at = (closeTime ?? new Date(0)).toISOString();
      return { ...sheet, ended: { outcome: 'lost', reason: `the workflow is ${status.name.toLowerCase()}`, at } };
    }
    return sheet;
  });
}
