const UNITS = [
  ['Gi', 1024 ** 3],
  ['Mi', 1024 ** 2],
  ['Ki', 1024],
] as const;

/** Bytes as Kubernetes writes them, exactly: 4294967296 → `4Gi`. */
export function byteQuantity(size: number): string {
  const whole = Math.ceil(size);
  const [name, per] = UNITS.find(([, factor]) => whole >= factor && whole % factor === 0) ?? ['', 1];
  return `${whole / per}${name}`;
}

/** Cores as Kubernetes writes them, rounded up to a thousandth: 0.25 → `250m`. */
export function cpuQuantity(cores: number): string {
  const milli = Math.ceil(Number((cores * 1000).toPrecision(12)));
  return milli % 1000 === 0 ? `${milli / 1000}` : `${milli}m`;
}

/** Rounded up to whole mebibytes, so that a manifest stays readable. */
export function mebibytes(size: number): number {
  return Math.ceil(size / 1024 ** 2) * 1024 ** 2;
}
