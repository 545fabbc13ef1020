import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

/** The first half of a CSV file, cut within a line, within quotes, within its last field; and of the same file packed. */
export async function writeCutFiles(folder: string, text: string): Promise<void> {
  const lines = text.split('\n').slice(0, 2001);
  const packed = gzipSync(text);
  const cuts = {
    'cut.csv': [...lines, '0.4'].join('\n'),
    'quote.csv': [...lines, '0.4,3,"b'].join('\n'),
    'late.csv': lines.join('\n').slice(0, -1),
    'cut.csv.gz': packed.subarray(0, packed.length / 2),
  };
  await Promise.all(Object.entries(cuts).map(([name, bytes]) => writeFile(path.join(folder, name), bytes)));
}
