import type { Sketch } from '../scorecards/drift/sketch.ts';

/** What a stored set of sketches is called. */
export const SKETCHES = 'application/vnd.understudy.sketches';

/** How a sketch's keys are written: whole numbers as differences in the body, others in the head. */
interface Head extends Omit<Sketch, 'keys' | 'counts'> {
  readonly name: string;
  readonly cells: number;
  readonly keys?: Sketch['keys'];
}

const HEAD_BYTES = 4;
const SEVEN_BITS = 128;
/** Beyond 31 bits shifts lose digits, so they are divided. */
const SHIFTABLE = 2 ** 31;

/**
 * Sketches as bytes: a head of JSON (its length first, 4 bytes, little-endian), then for each sketch its keys and counts as
 * base-128 numbers, lowest seven bits first. Keys that are bins are written as the first one (zigzag) and differences. A day of
 * thirty features is about 200 kB and is read in a millisecond or two. The same sketches are always the same bytes.
 */
export function encodeSketches(sketches: ReadonlyMap<string, Sketch>): Uint8Array {
  const heads = [...sketches].map(([name, { keys, counts, ...rest }]): Head => {
    const bins = keys.every(isBin);
    return { name, ...rest, cells: counts.length, ...(bins ? {} : { keys }) };
  });
  const head = new TextEncoder().encode(JSON.stringify(heads));
  const body: number[] = [];
  for (const { keys, counts } of sketches.values()) {
    if (keys.every(isBin)) writeBins(body, keys);
    for (const count of counts) writeNumber(body, count);
  }
  const bytes = new Uint8Array(HEAD_BYTES + head.length + body.length);
  new DataView(bytes.buffer).setUint32(0, head.length, true);
  bytes.set(head, HEAD_BYTES);
  bytes.set(body, HEAD_BYTES + head.length);
  return bytes;
}

/** What `encodeSketches` wrote. */
export function decodeSketches(bytes: Uint8Array): ReadonlyMap<string, Sketch> {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const start = HEAD_BYTES + length;
  const heads = JSON.parse(new TextDecoder().decode(bytes.subarray(HEAD_BYTES, start))) as readonly Head[];
  const body = { bytes, at: start };
  return new Map(
    heads.map(({ name, cells, keys, ...rest }): [string, Sketch] => {
      const read = keys ?? readBins(body, cells);
      return [name, { ...rest, keys: read, counts: readNumbers(body, cells) }];
    }),
  );
}

const isBin = (key: number | string): key is number => Number.isInteger(key) && Math.abs(Number(key)) < SHIFTABLE / 4;

function writeBins(body: number[], keys: readonly number[]): void {
  let before = 0;
  for (const [index, key] of keys.entries()) {
    writeNumber(body, index === 0 ? (key < 0 ? -2 * key - 1 : 2 * key) : key - before);
    before = key;
  }
}

function writeNumber(body: number[], value: number): void {
  let rest = value;
  while (rest >= SEVEN_BITS) {
    body.push((rest % SEVEN_BITS) + SEVEN_BITS);
    rest = Math.floor(rest / SEVEN_BITS);
  }
  body.push(rest);
}

interface Body {
  readonly bytes: Uint8Array;
  at: number;
}

function readBins(body: Body, cells: number): readonly number[] {
  const keys = readNumbers(body, cells);
  let [key = 0] = keys;
  if (cells > 0) keys[0] = key = key % 2 === 1 ? -(key + 1) / 2 : key / 2;
  for (let cell = 1; cell < cells; cell += 1) keys[cell] = key += keys[cell] ?? 0;
  return keys;
}

function readNumbers(body: Body, cells: number): number[] {
  const { bytes } = body;
  const numbers: number[] = [];
  let { at } = body;
  for (let cell = 0; cell < cells; cell += 1) {
    const first = bytes[at++] ?? 0;
    if (first < SEVEN_BITS) {
      numbers.push(first);
      continue;
    }
    let value = first - SEVEN_BITS;
    let byte = bytes[at++] ?? 0;
    for (let unit = SEVEN_BITS; ; unit *= SEVEN_BITS) {
      if (byte < SEVEN_BITS) {
        value += byte * unit;
        break;
      }
      value += (byte - SEVEN_BITS) * unit;
      byte = bytes[at++] ?? 0;
    }
    numbers.push(value);
  }
  body.at = at;
  return numbers;
}
