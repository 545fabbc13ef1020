import { timingSafeEqual, createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Client } from '@temporalio/client';
import { z } from 'zod';
import { knock } from '../activities/door.ts';
import type { TriggerAnswer } from '../scorecards/trigger.ts';

/** What of Alertmanager's webhook (version 4) is read. One alert, one recorded answer. */
const alertSchema = z.object({
  status: z.enum(['firing', 'resolved']),
  labels: z.record(z.string(), z.string()),
  annotations: z.record(z.string(), z.string()).default({}),
  startsAt: z.iso.datetime({ offset: true }),
  fingerprint: z.string().min(1),
});
const webhookSchema = z.object({ version: z.literal('4'), alerts: z.array(alertSchema).max(10_000) });
type Alert = z.output<typeof alertSchema>;

export interface ReceiverOptions {
  readonly client: Client;
  readonly token: string;
  /** Bytes; default 1 MiB. */
  readonly bodyLimit?: number;
}

interface AlertAnswer {
  readonly fingerprint: string;
  readonly answer: TriggerAnswer | { readonly answer: 'ignored'; readonly reason: string };
}

const ANSWER_WITHIN_MS = 8000;

/**
 * `POST /webhooks/alertmanager` with `Authorization: Bearer TOKEN`. Every firing alert with a label `model` knocks on that
 * model's door. Answers 503 when Temporal cannot be reached: Alertmanager repeats those, and takes 4xx for final.
 */
export function createAlertReceiver(options: ReceiverOptions): Server {
  const server = createServer((request, response) => {
    void handle(request, options).then(
      ([status, body]) => answer(response, status, body),
      (error: unknown) =>
        answer(response, 503, { error: error instanceof Error ? error.message.slice(0, 300) : 'unavailable' }),
    );
  });
  server.requestTimeout = 10_000;
  server.headersTimeout = 5000;
  return server;
}

async function handle(
  request: IncomingMessage,
  { client, token, bodyLimit = 1024 * 1024 }: ReceiverOptions,
): Promise<[number, unknown]> {
  if (!isAuthorised(request, token)) return [401, { error: 'expected Authorization: Bearer TOKEN' }];
  if (request.url !== '/webhooks/alertmanager') return [404, { error: 'try POST /webhooks/alertmanager' }];
  if (request.method !== 'POST') return [405, { error: 'expected POST' }];
  const body = await readBody(request, bodyLimit);
  if (body === undefined) return [413, { error: `expected at most ${bodyLimit} bytes` }];
  const parsed = parse(body);
  if (!parsed.success)
    return [
      400,
      {
        error: 'not an Alertmanager webhook of version 4',
        issues: parsed.error.issues.slice(0, 5).map((issue) => `${issue.path.join('.')}: ${issue.message}`),
      },
    ];
  const answers: AlertAnswer[] = [];
  for (const alert of parsed.data.alerts)
    answers.push({ fingerprint: alert.fingerprint, answer: await answerAlert(client, alert) });
  return [200, { answers }];
}

async function answerAlert(client: Client, alert: Alert): Promise<AlertAnswer['answer']> {
  const { model } = alert.labels;
  if (alert.status === 'resolved') return { answer: 'ignored', reason: 'a resolved alert starts nothing' };
  if (model === undefined || !/^[a-z0-9-]{1,40}$/.test(model))
    return { answer: 'ignored', reason: 'the alert has no label "model" with the name of a policy' };
  const reason = alert.annotations['summary'] ?? alert.labels['alertname'] ?? 'alert';
  // Alertmanager waits ten seconds and repeats what was answered 503; the SDK by itself would try for longer.
  const deadline = Date.now() + ANSWER_WITHIN_MS;
  const request = {
    kind: 'alert',
    // The same alert, sent again by a repeat interval or a second Alertmanager, is the same trigger.
    key: `alert-${alert.fingerprint}-${new Date(alert.startsAt).getTime()}`,
    asOf: new Date().toISOString(),
    by: `alertmanager:${alert.labels['alertname'] ?? 'unnamed'}`,
    reason: reason.slice(0, 200),
  } as const;
  return client.withDeadline(deadline, async () => knock(client, model, request));
}

function isAuthorised(request: IncomingMessage, token: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(request.headers.authorization ?? ''), digest(`Bearer ${token}`));
}

async function readBody(request: IncomingMessage, limit: number): Promise<string | undefined> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > limit) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

function parse(body: string) {
  try {
    return webhookSchema.safeParse(JSON.parse(body));
  } catch {
    return webhookSchema.safeParse(undefined);
  }
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
}
