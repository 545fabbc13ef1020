const FACTORS: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 1024,
  Mi: 1024 ** 2,
  Gi: 1024 ** 3,
  Ti: 1024 ** 4,
  Pi: 1024 ** 5,
  Ei: 1024 ** 6,
};

/** A quantity as Kubernetes writes it: `250m` → 0.25, `4Gi` → 4294967296, `1e3` → 1000. What is none of them is 0. */
export function readQuantity(text: string | undefined): number {
  const found = /^(?<number>[+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?)(?<unit>[a-zA-Z]{0,2})$/.exec(text ?? '')?.groups;
  const factor = FACTORS[found?.['unit'] ?? ''];
  return found === undefined || factor === undefined ? 0 : Number(found['number']) * factor;
}
