import { createServer } from 'node:net';

/** Distinct free ports of an address of this machine. They are free now; whoever wants them should bind soon. */
export async function freePorts(count: number, host = '127.0.0.1'): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, async () => listenOn(0, host)));
  const ports = servers.map((server) => server.port);
  await Promise.all(servers.map(async (server) => server.close()));
  return ports;
}

/** Whether a server on this address could take this port now. */
export async function isFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  try {
    const server = await listenOn(port, host);
    await server.close();
    return true;
  } catch {
    return false;
  }
}

async function listenOn(wanted: number, host: string): Promise<{ port: number; close: () => Promise<void> }> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port: wanted, exclusive: true }, resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : wanted;
  return { port, close: async () => new Promise((resolve) => server.close(() => resolve())) };
}
