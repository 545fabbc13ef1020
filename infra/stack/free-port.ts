import { createServer } from 'node:net';

/** Distinct free ports on 127.0.0.1. They are free now; whoever wants them should bind soon. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, async () => listenOn(0)));
  const ports = servers.map((server) => server.port);
  await Promise.all(servers.map(async (server) => server.close()));
  return ports;
}

/** Whether a server on 127.0.0.1 could take this port now. */
export async function isFree(port: number): Promise<boolean> {
  try {
    const server = await listenOn(port);
    await server.close();
    return true;
  } catch {
    return false;
  }
}

async function listenOn(wanted: number): Promise<{ port: number; close: () => Promise<void> }> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: '127.0.0.1', port: wanted, exclusive: true }, resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : wanted;
  return { port, close: async () => new Promise((resolve) => server.close(() => resolve())) };
}
