import { heartbeat, sleep } from '@temporalio/activity';
import type { Ports } from './context.ts';
import type { TrafficTarget } from './ports/gateway.ts';
import type { Backend, Route } from './ports/traffic-router.ts';
import type { Scrape } from './ports/traffic-evidence.ts';
import type { Telemetry } from './telemetry.ts';

/** All that a rollback needs, known before the first weight was set. It asks nobody but the gateway. */
export interface RollbackOrder {
  readonly traffic: TrafficTarget;
  readonly model: string;
  readonly run: string;
  readonly champion: Backend;
  readonly challenger: Backend;
  readonly cause: string;
  readonly requestTimeoutMs: number;
  /** When the breach was seen: the start of the rollback's clock. */
  readonly detectedAt: string;
}

const SCRAPE_MS = 1000;

export function createRollback(ports: Pick<Ports, 'gateway'>, telemetry: Telemetry) {
  return {
    /** One write: the champion gets everything. Overwrites whoever wrote last; verified afterwards, never before. */
    async returnTraffic(input: RollbackOrder): Promise<{ readonly writtenAt: string }> {
      const route: Route = {
        name: input.traffic.route,
        model: input.model,
        champion: input.champion,
        challenger: { ...input.challenger, percent: 0 },
        writtenBy: input.run,
        reason: `rollback: ${input.cause}`,
        requestTimeoutMs: input.requestTimeoutMs,
      };
      await ports.gateway(input.traffic).router.apply(route, { force: true });
      telemetry.weightSet({ model: input.model, ratio: 0 });
      return { writtenAt: new Date().toISOString() };
    },

    /**
     * Two scrapes in a row without a new challenger request: the traffic is back. Requests in flight at the flip are counted
     * when they end, so it allows the longest request time first. Writes again when the gateway disagrees.
     */
    async verifyRollback(input: RollbackOrder): Promise<{ readonly restoredAt: string; readonly seconds: number }> {
      let previous = await scrape(ports, input.traffic);
      let quietSince = new Date().toISOString();
      let quiet = 0;
      for (let round = 0; quiet < 2; round += 1) {
        heartbeat({ round, quiet });
        await sleep(SCRAPE_MS);
        const next = await scrape(ports, input.traffic);
        const isQuiet = previous !== undefined && next !== undefined && answered(next) === answered(previous);
        if (!isQuiet) quietSince = next?.at ?? new Date().toISOString();
        quiet = isQuiet ? quiet + 1 : 0;
        previous = next;
        if (round > 0 && (round * SCRAPE_MS) % (input.requestTimeoutMs + 5000) === 0) await this.returnTraffic(input);
      }
      const seconds = Math.max(0, (Date.parse(quietSince) - Date.parse(input.detectedAt)) / 1000);
      telemetry.rolledBack({ cause: input.cause, seconds });
      return { restoredAt: quietSince, seconds };
    },
  };
}

function answered(scraped: Scrape): number {
  return Object.values(scraped.arms.challenger.requests).reduce((sum, series) => sum + series.count, 0);
}

async function scrape(ports: Pick<Ports, 'gateway'>, traffic: TrafficTarget): Promise<Scrape | undefined> {
  try {
    return await ports.gateway(traffic).evidence.scrape(traffic.route);
  } catch {
    // A rollback is never held up by missing evidence; without two good scrapes it is simply not yet verified.
    return undefined;
  }
}
