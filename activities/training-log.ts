import type { RunContext } from '../scorecards/run.ts';
import type { EvidenceRef } from '../scorecards/vocabulary.ts';
import type { Ports } from './context.ts';

function keyOf({ generation, run }: RunContext, job: number): string {
  return `runs/${run}/log-${job}-${generation}`;
}

/**
 * Keeps the last lines of a training's log as the backend fetched them, by the number of its job within the run. What a
 * trainer prints is kept as it is: nobody looks through it for secrets. An empty log is none.
 */
export async function keepLog(
  { evidence }: Pick<Ports, 'evidence'>,
  context: RunContext,
  { job, logTail }: { readonly job: number; readonly logTail: string },
): Promise<EvidenceRef | undefined> {
  if (logTail.trim() === '') return undefined;
  return await evidence.remember(keyOf(context, job), await evidence.put(logTail, 'text/plain'));
}

/** What `keepLog` kept of this job. */
export async function logOf(
  { evidence }: Pick<Ports, 'evidence'>,
  context: RunContext,
  job: number,
): Promise<EvidenceRef | undefined> {
  return await evidence.recall(keyOf(context, job));
}
