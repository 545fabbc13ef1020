import type { Ports } from '../activities/context.ts';
import { baselineOf } from '../activities/baseline.ts';
import { conclude, worstPsi } from '../activities/drift.ts';
import { judgeWindows } from '../activities/drift-windows.ts';
import type { JudgedWindow } from '../activities/drift-windows.ts';
import { championOf } from '../activities/opening.ts';
import type { DriftResponse } from '../scorecards/drift/persistence.ts';
import { windowsEndingAt } from '../scorecards/drift/windows.ts';
import type { Baseline } from '../scorecards/drift/baseline.ts';
import type { DriftVerdict } from '../scorecards/drift/verdict.ts';
import type { AppliedPolicy } from '../scorecards/trigger.ts';
import type { Span } from '../scorecards/vocabulary.ts';
import { CliFailure, EXIT } from './failure.ts';

type DriftPorts = Pick<Ports, 'data' | 'evidence' | 'registry'>;

interface Judgement {
  readonly verdict: DriftVerdict['verdict'];
  readonly shares: DriftVerdict['shares'];
  readonly response: DriftResponse;
  readonly fires: boolean;
  readonly reason: string;
  /** The worst PSI of the newest window. */
  readonly score: number;
}

export interface MeasuredDrift extends Judgement {
  readonly champion: string;
  readonly windows: readonly { readonly window: Span; readonly verdict: DriftVerdict['verdict'] }[];
  readonly reasons: readonly string[];
}

/** What a check would find now. Writes nothing about a run; counted days are kept as always. */
export async function measureDrift(ports: DriftPorts, applied: AppliedPolicy, asOf: string): Promise<MeasuredDrift> {
  const { baseline, champion } = await referenceFor(ports, applied);
  const judged = await judgeAt(ports, { applied, baseline }, asOf);
  const verdicts = judged.map((one) => one.verdict);
  return {
    champion,
    ...judgementOf(applied, judged),
    windows: verdicts.map(({ verdict, window }) => ({ window, verdict })),
    reasons: verdicts.at(-1)?.reasons ?? [],
  };
}

async function referenceFor(ports: DriftPorts, applied: AppliedPolicy) {
  const { name } = applied.policy.metadata;
  const champion = await championOf(ports, name);
  if (champion) return { champion: champion.version, baseline: await baselineOf(ports, champion) };
  const next = `understudy trigger ${name} --kind bootstrap`;
  throw new CliFailure(EXIT.notFound, `${name} has no champion yet, so there is nothing to compare with`, next);
}

async function judgeAt(
  ports: Pick<Ports, 'data' | 'evidence'>,
  against: { readonly applied: AppliedPolicy; readonly baseline: Baseline },
  asOf: string,
): Promise<readonly JudgedWindow[]> {
  const { bucket, persistence, window } = against.applied.policy.spec.drift;
  const windows = windowsEndingAt(asOf, { windowMs: window, bucketMs: bucket, of: persistence.of });
  return judgeWindows(ports, against, windows, { signal: new AbortController().signal, progress: () => undefined });
}

function judgementOf(applied: AppliedPolicy, judged: readonly JudgedWindow[]): Judgement {
  const newest = judged.at(-1);
  const { fires, reason, response } = conclude(
    applied,
    judged.map((one) => one.verdict),
  );
  return {
    verdict: newest?.verdict.verdict ?? 'inconclusive',
    shares: newest?.verdict.shares ?? { breached: 0, warned: 0, unjudged: 1 },
    response,
    fires,
    reason,
    score: worstPsi(newest?.findings ?? []),
  };
}
