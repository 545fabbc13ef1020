import { request } from 'node:https';
import type { RequestOptions } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';

export interface RawCall {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Path and query. */
  readonly path: string;
  readonly body?: unknown;
  readonly contentType?: string;
}

export interface RawAnswer {
  readonly status: number;
  readonly body: { readonly message?: string } & Readonly<Record<string, unknown>>;
}

/** One request as it is, for what a typed client would not let us ask. */
export async function rawCall(
  config: KubeConfig,
  { method, path, body, contentType = 'application/json' }: RawCall,
): Promise<RawAnswer> {
  const options: RequestOptions = { method, headers: { 'content-type': contentType }, agent: false };
  await config.applyToHTTPSOptions(options);
  const url = new URL(path, config.getCurrentCluster()?.server);
  return await new Promise<RawAnswer>((resolve, reject) => {
    const asked = request(url, options, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.once('error', reject);
      answer.once('end', () => {
        const text = Buffer.concat(chunks).toString();
        try {
          resolve({ status: answer.statusCode ?? 0, body: JSON.parse(text) as RawAnswer['body'] });
        } catch {
          resolve({ status: answer.statusCode ?? 0, body: { message: text } });
        }
      });
    });
    asked.once('error', reject);
    asked.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
