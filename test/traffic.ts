import { setTimeout as sleep } from 'node:timers/promises';
import type { Scrape } from '../activities/ports/traffic-evidence.ts';

/** Polls until the answer is true; fails with `what` after `withinMs`. */
export async function until(
  what: string | (() => string),
  holds: () => Promise<boolean>,
  withinMs = 20_000,
): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!(await holds())) {
    if (Date.now() > deadline) {
      throw new Error(`not within ${withinMs} ms: ${typeof what === 'string' ? what : what()}`);
    }
    await sleep(20);
  }
}

export interface Answered {
  readonly status: number;
  /** The version that the answer names; empty when it names none. */
  readonly version: string;
}

/** Sends `count` inference requests through a route, `parallel` at a time, each with an id of its own. */
export async function sendTraffic(address: string, model: string, count: number, parallel = 20): Promise<Answered[]> {
  const answers: Answered[] = [];
  let next = 0;
  const client = async () => {
    while (next < count) {
      const id = `q-${(next += 1)}`;
      answers.push(await ask(`${address}/v2/models/${model}/infer`, id));
    }
  };
  await Promise.all(Array.from({ length: parallel }, client));
  return answers;
}

async function ask(url: string, id: string): Promise<Answered> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-request-id': id },
    body: JSON.stringify({ id, inputs: [{ name: 'x', shape: [1, 1], datatype: 'FP64', data: [0.5] }] }),
  });
  await answer.arrayBuffer();
  return { status: answer.status, version: answer.headers.get('x-model-version') ?? '' };
}

/** Answers per version: `{ '1': 950, '2': 50 }`. */
export function countByVersion(answers: readonly Answered[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { version } of answers) counts[version] = (counts[version] ?? 0) + 1;
  return counts;
}

/** All requests that a scrape counts for one arm, and those with a certain code. */
export function countOf(scrape: Scrape, arm: keyof Scrape['arms'], code?: number): number {
  return Object.values(scrape.arms[arm].requests)
    .filter((series) => code === undefined || series.code === code)
    .reduce((sum, series) => sum + series.count, 0);
}
