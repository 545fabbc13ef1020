import type { RunEnd } from '../activities/closing.ts';
import { getJson } from '../activities/context.ts';
import type { Ports } from '../activities/context.ts';
import type { RunSheet } from '../scorecards/run-sheet.ts';
import type { DecisionRecord } from '../scorecards/trigger.ts';
import { noApproval } from '../scorecards/decision.ts';
import type { SettingsFile } from '../workers/settings-file.ts';
import { wirePorts } from '../workers/wiring.ts';

/** Temporal forgets closed runs; the evidence store does not. Undefined when it never heard of the run either. */
export async function keptSheet(file: SettingsFile, run: string): Promise<RunSheet | undefined> {
  const end = await keptEnd(
    wirePorts(file, () => undefined),
    run,
  );
  return end === undefined ? undefined : sheetFrom(end);
}

export async function keptEnd(ports: Pick<Ports, 'evidence'>, run: string): Promise<RunEnd | undefined> {
  const ref = await ports.evidence.recall(`runs/${run}/end`);
  return ref === undefined ? undefined : getJson<RunEnd>(ports.evidence, ref);
}

function sheetFrom(end: RunEnd): RunSheet {
  const { asOf, by, kind, reason } = end.trigger;
  return {
    run: end.run,
    model: end.model,
    trigger: { kind, by, asOf, ...(reason === undefined ? {} : { reason }) },
    stage: end.stage,
    ...(end.champion === undefined ? {} : { champion: { version: end.champion, digest: '' } }),
    ...(end.challenger === undefined ? {} : { challenger: { version: end.challenger, digest: '' } }),
    weightPercent: 0,
    stages: end.stages,
    approval: noApproval,
    links: [],
    ended: { outcome: end.outcome, reason: end.reason, at: end.endedAt },
  };
}

/** What became of every trigger of a model, newest first. */
export async function keptDecisions(ports: Pick<Ports, 'evidence'>, model: string): Promise<readonly DecisionRecord[]> {
  const keys = await ports.evidence.keys(`decisions/${model}/`);
  const records = await Promise.all(
    keys.map(async (key) => {
      const ref = await ports.evidence.recall(key);
      return ref === undefined ? [] : [await getJson<DecisionRecord>(ports.evidence, ref)];
    }),
  );
  return records.flat().toSorted((a, b) => (a.decidedAt < b.decidedAt ? 1 : -1));
}

/** RUN without Temporal: the id itself, or the run of a model that was opened last; undefined when there is none. */
export async function newestRun(ports: Pick<Ports, 'evidence'>, name: string): Promise<string | undefined> {
  if (name.startsWith('retrain/')) return name;
  const opened = (await ports.evidence.keys(`runs/retrain/${name}/`)).filter((key) => key.endsWith('/opened-1'));
  const runs = await Promise.all(
    opened.map(async (key) => {
      const ref = await ports.evidence.recall(key);
      const receivedAt = ref && (await getJson<{ receivedAt: string }>(ports.evidence, ref)).receivedAt;
      return { run: key.replace(/^runs\//, '').replace(/\/opened-1$/, ''), receivedAt: receivedAt ?? '' };
    }),
  );
  return runs.toSorted((a, b) => (a.receivedAt < b.receivedAt ? -1 : 1)).at(-1)?.run;
}
