import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { DiscoveryV1Api } from '@kubernetes/client-node';
import type { KubeConfig } from '@kubernetes/client-node';
import { testHost } from '../cluster.ts';

export interface ServiceAddress {
  /** `host:port` that pods reach. */
  readonly address: string;
  readonly close: () => Promise<void>;
}

/** A port of a Service. */
export interface ServicePort {
  readonly namespace: string;
  readonly service: string;
  readonly port: string;
}

/**
 * What kube-proxy does on other clusters, which the test cluster has not: an address that stays, and hands each connection
 * on to a pod that the Service has ready then. Without one the connection is refused.
 *
 * @param of asked at each connection: whoever needs the address before the Service is there may have it.
 */
export async function serviceAddress(config: KubeConfig, of: () => ServicePort | undefined): Promise<ServiceAddress> {
  const api = config.makeApiClient(DiscoveryV1Api);
  const open = new Set<Socket>();
  const server = createServer((incoming) => {
    open.add(incoming);
    incoming.once('close', () => open.delete(incoming)).once('error', () => incoming.destroy());
    const asked = of();
    void (asked ? readyPod(api, asked) : Promise.resolve(undefined)).then(
      (pod) => (pod ? handOn(incoming, pod) : incoming.resetAndDestroy()),
      () => incoming.resetAndDestroy(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, testHost(), resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: `${testHost()}:${port}`,
    close: async () => {
      for (const socket of open) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

interface Target {
  readonly host: string;
  readonly port: number;
}

async function readyPod(api: DiscoveryV1Api, { namespace, service, port }: ServicePort): Promise<Target | undefined> {
  const labelSelector = `kubernetes.io/service-name=${service}`;
  const { items } = await api.listNamespacedEndpointSlice({ namespace, labelSelector });
  const targets = items.flatMap(({ endpoints, ports }) =>
    (endpoints ?? [])
      .filter(({ conditions }) => conditions?.ready === true)
      .map(({ addresses }) => ({ host: addresses[0], port: ports?.find(({ name }) => name === port)?.port })),
  );
  return targets.find((target): target is Target => target.host !== undefined && target.port !== undefined);
}

function handOn(incoming: Socket, { host, port }: Target): void {
  const onward = connect(port, host);
  const drop = (): void => {
    incoming.destroy();
    onward.destroy();
  };
  onward.once('error', drop).once('close', drop);
  incoming.once('close', drop);
  incoming.pipe(onward);
  onward.pipe(incoming);
}
