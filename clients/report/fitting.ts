/** As many of the parts, from the first on, as have room in so many bytes of UTF-8; what is left must be said. */
export function fitting(parts: Iterable<string>, bytes: number): readonly string[] {
  const kept: string[] = [];
  let used = 0;
  for (const part of parts) {
    used += Buffer.byteLength(part);
    if (used > bytes) break;
    kept.push(part);
  }
  return kept;
}

/** Makes each part only when it is asked for: of two thousand features a page shows a hundred. */
export function* lazily<T>(items: readonly T[], make: (item: T, place: number) => string): Generator<string> {
  for (const [place, item] of items.entries()) yield make(item, place);
}
