import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';

export interface TcpSwitch {
  readonly uri: string;
  /** From now on connections are refused and the open ones are broken: the service is away. */
  off(): Promise<void>;
  on(): Promise<void>;
  close(): Promise<void>;
}

/** A line to a server on this machine, at an address of it, that can be cut and mended without touching the server. */
export async function tcpSwitch(target: URL, host = '127.0.0.1'): Promise<TcpSwitch> {
  const open = new Set<Socket>();
  let server: Server | undefined;
  const listen = async (port: number): Promise<number> => {
    const listening = createServer((near) => {
      const far = connect(Number(target.port), target.hostname);
      for (const socket of [near, far]) {
        open.add(socket);
        socket.on('error', () => socket.destroy()).on('close', () => open.delete(socket));
      }
      near.pipe(far).on('close', () => near.destroy());
      far.pipe(near).on('close', () => far.destroy());
    });
    await new Promise<void>((resolve, reject) => {
      listening.once('error', reject).listen(port, host, resolve);
    });
    server = listening;
    return (listening.address() as AddressInfo).port;
  };
  const off = async (): Promise<void> => {
    const closing = server;
    server = undefined;
    if (!closing) return;
    const closed = new Promise((resolve) => closing.close(resolve));
    for (const socket of open) socket.destroy();
    await closed;
  };
  const port = await listen(0);
  return { uri: `http://${host}:${port}`, off, on: async () => void (await listen(port)), close: off };
}
