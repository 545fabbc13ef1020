import { setTimeout as pause } from 'node:timers/promises';
import { startTraffic } from '../traffic.ts';
import type { TrafficLog } from '../traffic.ts';
import { approve, awaitsDecision, follow, sheetOf, trigger } from './runs.ts';
import type { Demo } from './runs.ts';
import { line } from './screen.ts';
import { AS_OF, MODEL } from './story.ts';
import type { Expectations, Sheet } from './story.ts';

/** Answers of the challenger before it is told to fail: it has been looked at and found well. */
const WELL_FIRST = 25;

/** A run whose challenger is healthy until it serves; the clock is the client's. */
export async function breachLive(demo: Demo): Promise<Sheet> {
  const { expectations, gateway, ratePerSecond } = demo;
  const run = await trigger(demo, 'manual', AS_OF.breached);
  await follow(demo, run, (now) => now.stage === 'shadow');
  const traffic = await startTraffic({
    gateway,
    route: 'flights',
    model: MODEL,
    asOf: AS_OF.breached,
    ratePerSecond,
    signal: demo.signal,
  });
  try {
    await approve(demo, await follow(demo, run, awaitsDecision));
    const { challenger } = await follow(demo, run, (now) => now.stage === 'rollout');
    const version = challenger?.version ?? '';
    while ((traffic.snapshot().byVersion[version]?.answered ?? 0) < WELL_FIRST && !(await sheetOf(demo, run)).ended) {
      await pause(100, undefined, { signal: demo.signal });
    }
    for (const url of await demo.servers(version)) await breakServer(url);
    line(`v${version} answers half of its requests with errors from now on`);
    return await follow(demo, run);
  } finally {
    judge(await traffic.stop(), expectations);
  }
}

/** The model server was started with `--faults`: it does what it is told. */
async function breakServer(url: string): Promise<void> {
  const answer = await fetch(`${url}/faults`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ errors: 0.5 }),
  });
  if (!answer.ok) throw new Error(`POST /faults answered ${answer.status}`);
}

function judge(log: TrafficLog, expectations: Expectations): void {
  const seconds = ((log.lastBadAt ?? 0) - (log.firstBadAt ?? 0)) / 1000;
  const all = log.answered.toLocaleString('en-US');
  line(
    `first bad answer → last bad answer at the client: ${seconds.toFixed(1)} s; ${log.bad} of ${all} requests met an error`,
  );
  expectations.that(log.bad > 0, '(e) the breach should have been felt by the client');
  expectations.that(
    seconds < 60,
    `(e) the last bad answer should come within 60 s of the first, it took ${seconds.toFixed(1)} s`,
  );
}
