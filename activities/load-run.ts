import { isLatency, loadFor } from '../scorecards/candidate/latency.ts';
import type { RunContext } from '../scorecards/run.ts';
import type { EvidenceRef } from '../scorecards/vocabulary.ts';
import { appliedOf, beating, putJson } from './context.ts';
import type { ActivitySettings, Ports } from './context.ts';
import type { Dataset } from './dataset.ts';
import type { RunningServer } from './ports/serving.ts';
import type { ServedVersion } from './serving.ts';

/** Latencies of both servers under the same load, as evidence; null when the scorecard asks for none. */
export type LatencyRef = EvidenceRef | null;

export function createLoadRun(
  ports: Pick<Ports, 'data' | 'evidence' | 'load' | 'serving'>,
  settings: Pick<ActivitySettings, 'maxLoad'>,
) {
  return {
    /** A bounded open-loop load run on the real servers, replaying rows of the holdout, both models interleaved. */
    async measureLatency(input: {
      readonly context: RunContext;
      readonly dataset: Dataset;
      readonly challenger: ServedVersion;
      readonly champion?: ServedVersion;
    }): Promise<LatencyRef> {
      const { scorecard, policy } = await appliedOf(ports.evidence, input.context);
      const criteria = scorecard.spec.criteria.filter(isLatency);
      if (criteria.length === 0 || !policy.spec.serving) return null;
      const load = loadFor(criteria);
      const { model } = input.context;
      const targets = [
        { name: 'challenger', server: await reachable(ports, model, input.challenger) },
        ...(input.champion ? [{ name: 'champion', server: await reachable(ports, model, input.champion) }] : []),
      ];
      const { http } = policy.spec.serving;
      const rows = await ports.data.sample(input.dataset.holdout.path, 500);
      const featureRows = rows.map((row) =>
        Object.fromEntries(input.dataset.features.map((name) => [name, row[name]])),
      );
      const ratePerSecond = Math.min(load.rate, settings.maxLoad.rate);
      const durationMs = Math.min(load.for, settings.maxLoad.forMs);
      const results = await beating(() =>
        ports.load.run({ targets, http, ratePerSecond, durationMs, rows: featureRows }),
      );
      return putJson(ports.evidence, { ...results, load: { rate: ratePerSecond, for: durationMs } });
    },
  };
}

/** With the addresses at which this worker reaches it now: a Service's name may mean nothing outside of its cluster. */
async function reachable(ports: Pick<Ports, 'serving'>, model: string, served: ServedVersion): Promise<RunningServer> {
  const direct = (await ports.serving.find(model, served.version))?.direct;
  return { name: `${model} v${served.version}`, model, ...served, ...(direct === undefined ? {} : { direct }) };
}
