import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';

/** A model server of this process, as a `storageUri` of the form `test://<kind>/<version>` asks for. */
export interface ModelServer {
  readonly address: string;
  readonly port: number;
  /** Differs between two starts. */
  readonly instance: string;
  close(): void;
}

export function parseUri(uri: string): { readonly kind: string; readonly version: string } {
  const { hostname, pathname } = new URL(uri);
  return { kind: hostname, version: pathname.slice(1) };
}

/** Speaks the parts of the Open Inference Protocol that readiness and traffic need, and names its version in a header. */
export async function startModelServer(address: string, uri: string, wanted = 0): Promise<ModelServer> {
  const { kind, version } = parseUri(uri);
  const served = kind === 'other-version' ? `not-${version}` : version;
  const server = createServer((request, answer) => {
    request.resume().once('end', () => respond({ request, answer, served, ready: kind !== 'never-ready' }));
  });
  const port = await listen(server, address, wanted);
  return {
    address,
    port,
    instance: `${port}-${performance.now()}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly answer: ServerResponse;
  readonly served: string;
  readonly ready: boolean;
}

function respond({ request, answer, served, ready }: Exchange): void {
  const path = request.url ?? '';
  const asked = /\/versions\/(?<version>[^/]+)$/.exec(path)?.groups?.['version'];
  const status = (path.endsWith('/ready') && !ready) || (asked !== undefined && asked !== served) ? 404 : 200;
  answer.writeHead(status, { 'content-type': 'application/json', 'x-model-version': served });
  answer.end(JSON.stringify({ versions: [served], model_version: served }));
}

async function listen(server: Server, host: string, wanted: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen({ host, port: wanted }, resolve);
  });
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
