import type { V1EndpointSlice } from '@kubernetes/client-node';

/** Base URLs of the pods that take requests now, one each, in a steady order. */
export function readyAddresses(slices: readonly V1EndpointSlice[]): readonly string[] {
  const urls = slices.flatMap(({ endpoints, ports, addressType }) => {
    const port = ports?.[0]?.port;
    if (port === undefined) return [];
    return (endpoints ?? [])
      .filter(({ conditions }) => conditions?.ready === true && conditions.terminating !== true)
      .flatMap(({ addresses }) => addresses.slice(0, 1))
      .map((address) => `http://${addressType === 'IPv6' ? `[${address}]` : address}:${port}`);
  });
  // A pod can be in two slices while the controller moves it.
  return [...new Set(urls)].toSorted();
}
