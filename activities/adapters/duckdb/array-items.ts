/** Items of typed arrays in loops over millions of rows: one function for each type, so that each stays one machine instruction. */
export const doubleAt = (numbers: Float64Array, place: number): number => numbers[place] ?? 0;
export const wholeAt = (numbers: Int32Array, place: number): number => numbers[place] ?? 0;
export const byteAt = (numbers: Uint8Array, place: number): number => numbers[place] ?? 0;

/** Adds to one sum of many. */
export function addTo(sums: Float64Array, place: number, more: number): void {
  sums[place] = doubleAt(sums, place) + more;
}
