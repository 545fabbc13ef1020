import { log as workerLog } from '@temporalio/activity';
import { canonicalJson } from '../scorecards/canonical-json.ts';
import type { LogLine } from '../scorecards/canary/decision-log.ts';
import type { EvidenceStore } from './ports/evidence-store.ts';
import { PortFailure } from './ports/port-failure.ts';

const MEDIA_TYPE = 'application/x-ndjson';
/** A store that is away or slow may hold up a withdrawal, or the next look, for so long, milliseconds. */
const STORE_MAY_TAKE_MS = 2000;

/**
 * The decision log of one watch in the evidence store: chunks of JSON Lines, each under the number of looks before it. What
 * stands there is the truth: whoever finds lines that it did not write goes on from those.
 */
export interface DecisionLog {
  /** Writes the next chunk; the same lines again change nothing. Throws `conflict` when another attempt has written others. */
  append(looksBefore: number, lines: readonly LogLine[]): Promise<void>;
  /** Whether anything was written after so many looks. */
  goesOnAfter(looks: number): Promise<boolean>;
  /** Every line, in order. `onChunk` is called before each chunk is read: a soak has more than a thousand of them. */
  lines(onChunk: () => void): Promise<readonly LogLine[]>;
}

/** `scheduledAt`: when Temporal scheduled the watch, epoch milliseconds; all attempts at it share that, and no other watch does. */
export function openDecisionLog(
  evidence: EvidenceStore,
  watch: { readonly run: string; readonly phase: string; readonly scheduledAt: number },
): DecisionLog {
  const began = new Date(watch.scheduledAt).toISOString().replaceAll(/[-:.]/g, '');
  const keyOf = (looks: number) => `${logPrefix(watch.run)}${began}-${watch.phase}.${String(looks).padStart(7, '0')}`;
  return {
    async append(looksBefore, lines) {
      const key = keyOf(looksBefore);
      const ref = await evidence.put(`${lines.map(canonicalJson).join('\n')}\n`, MEDIA_TYPE);
      const kept = await evidence.remember(key, ref);
      if (kept.sha256 === ref.sha256) return;
      throw new PortFailure(
        'conflict',
        `another attempt at this watch has written ${key}; it is gone on with from there`,
      );
    },

    goesOnAfter: async (looks) => (await evidence.recall(keyOf(looks))) !== undefined,

    async lines(onChunk) {
      const found: LogLine[] = [];
      for (let looks = 0, more = true; more;) {
        onChunk();
        const ref = await evidence.recall(keyOf(looks));
        const chunk = ref === undefined ? [] : linesOf(await evidence.get(ref));
        found.push(...chunk);
        const taken = looksIn(chunk);
        looks += taken;
        more = taken > 0;
      }
      return found;
    },
  };
}

/** The whole log of a run as text, oldest watch first; empty when it never had live or mirrored traffic. */
export async function decisionLogOf(evidence: EvidenceStore, run: string): Promise<string> {
  const chunks: string[] = [];
  for (const key of await evidence.keys(logPrefix(run))) {
    const ref = await evidence.recall(key);
    if (ref !== undefined) chunks.push(new TextDecoder().decode(await evidence.get(ref)));
  }
  return chunks.join('');
}

export function looksIn(lines: readonly LogLine[]): number {
  return lines.filter(({ kind }) => kind === 'look').length;
}

/**
 * Does work that only keeps a record. Where the traffic must go back it does so whether the record could be kept or not: then
 * a store that fails or dawdles is told to the worker's own log and not waited for.
 */
export async function keepRecord(withdraws: boolean, record: unknown, work: () => Promise<void>): Promise<void> {
  if (!withdraws) return work();
  try {
    await inTime(work);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    workerLog.error('the evidence store did not keep this record; traffic goes back all the same', { why, record });
  }
}

/** The store's answer, or `timeout` when it dawdles: who looks at live traffic must look again. */
export async function inTime<T>(work: () => Promise<T>, mayTakeMs = STORE_MAY_TAKE_MS): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const failure = new PortFailure('timeout', `the evidence store did not answer within ${mayTakeMs} ms`);
    timer = setTimeout(() => reject(failure), mayTakeMs);
  });
  try {
    return await Promise.race([work(), late]);
  } finally {
    clearTimeout(timer);
  }
}

const logPrefix = (run: string): string => `runs/${run}/looks/`;

function linesOf(bytes: Uint8Array): LogLine[] {
  const lines = new TextDecoder().decode(bytes).split('\n');
  // The type is the writer's: evidence is immutable and verified by digest.
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as LogLine);
}
