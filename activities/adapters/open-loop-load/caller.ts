import { Agent, request } from 'node:http';
import { Agent as SecureAgent, request as secureRequest } from 'node:https';
import { text } from 'node:stream/consumers';
import type { HttpProtocol, RunningServer } from '../../ports/serving.ts';
import { inferRequest, readAnswer } from '../inference-protocol.ts';
import type { InferAnswer, InferRequest, Row } from '../inference-protocol.ts';

/** Sends single requests to one server over kept connections. */
export interface Caller {
  /**
   * Whether the server answered 2xx in time, as the version it should be where answers name one. Never throws: in a load
   * run a refused connection is a result.
   */
  call(id: string, row: Row): Promise<boolean>;
  close(): void;
}

/** Bounds what a stalled server can make us hold; further requests wait, and their waiting counts. */
const MAX_SOCKETS = 256;

export function openCaller(server: RunningServer, http: HttpProtocol, timeoutMs: number): Caller {
  // Pods take turns, as behind a gateway.
  const addresses = server.direct ?? [server.url];
  let turn = 0;
  const secure = server.url.startsWith('https:');
  const agent = new (secure ? SecureAgent : Agent)({ keepAlive: true, maxSockets: MAX_SOCKETS });
  const namesVersion = http.body === 'open-inference-v2' || http.versionHeader !== undefined;
  return {
    async call(id, row) {
      try {
        const message = inferRequest(http, { model: server.model, version: server.version, id, row });
        const address = addresses[turn++ % addresses.length] ?? server.url;
        const answer = await exchange(new URL(address.replace(/\/$/, '') + message.path), message, agent, timeoutMs);
        if (answer.status < 200 || answer.status > 299) return false;
        return !namesVersion || readAnswer(http, answer).version === server.version;
      } catch {
        return false;
      }
    },
    close: () => agent.destroy(),
  };
}

async function exchange(
  url: URL,
  message: InferRequest,
  agent: Agent,
  timeoutMs: number,
): Promise<InferAnswer & { readonly status: number }> {
  const signal = AbortSignal.timeout(timeoutMs);
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'https:' ? secureRequest : request;
    const length = Buffer.byteLength(message.body);
    const headers = { ...message.headers, 'content-length': length };
    const outgoing = send(url, { method: 'POST', agent, headers, signal }, (answer) => {
      text(answer).then((body) => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body }), reject);
    });
    outgoing.once('error', reject);
    outgoing.end(message.body);
  });
}
