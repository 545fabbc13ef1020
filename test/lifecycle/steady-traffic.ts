import { Agent, request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

export interface SteadyTraffic {
  /** Answers by status, and refused connections as 0. */
  readonly answers: Readonly<Record<number, number>>;
  stop(): Promise<void>;
}

const EVERY_MS = 50;

/** Asks a route at this rate until it is stopped, whatever it answers: clients do not know that a rollout goes on. */
export function steadyTraffic(url: string, model: string, perSecond: number): SteadyTraffic {
  const agent = new Agent({ keepAlive: true, maxSockets: 20 });
  const answers: Record<number, number> = {};
  const prefix = `t${Date.now()}`;
  let asked = 0;
  let going = true;
  const ask = async (): Promise<void> => {
    const id = `${prefix}-${(asked += 1)}`;
    const x = (asked % 20) / 10 - 1;
    const status = await post(agent, `${url}/v2/models/${model}/infer`, id, x);
    answers[status] = (answers[status] ?? 0) + 1;
  };
  const run = async (): Promise<void> => {
    while (going) {
      const round = Array.from({ length: Math.round((perSecond * EVERY_MS) / 1000) }, ask);
      await Promise.all([pause(EVERY_MS), ...round]);
    }
    agent.destroy();
  };
  const running = run();
  return {
    answers,
    async stop() {
      going = false;
      await running;
    },
  };
}

async function post(agent: Agent, url: string, id: string, x: number): Promise<number> {
  const body = JSON.stringify({ id, inputs: [{ name: 'x', shape: [1, 1], datatype: 'FP64', data: [x] }] });
  const headers = { 'content-type': 'application/json', 'x-request-id': id, 'content-length': body.length };
  return new Promise((resolve) => {
    const asked = request(url, { method: 'POST', agent, headers, timeout: 5000 }, (answer) => {
      answer.resume().once('end', () => resolve(answer.statusCode ?? 0));
    });
    asked.once('error', () => resolve(0)).once('timeout', () => asked.destroy());
    asked.end(body);
  });
}
