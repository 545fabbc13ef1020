import { counted } from '../counted.ts';
import type { Policy } from '../policy/schema.ts';
import { wilson } from '../statistics/wilson.ts';
import { broken, held, percentText } from './finding.ts';
import type { DataFinding } from './finding.ts';
import type { SourceCounts } from './profile.ts';

type Checks = Policy['spec']['dataset']['checks'];

/** SE4: a source that suddenly makes up much more of the rows than in the champion's snapshot. */
export function judgeSources(
  { atLeastRows, atMost, by, severity }: NonNullable<Checks['sources']>,
  counts: readonly SourceCounts[],
): readonly DataFinding[] {
  const total = { before: sumOf(counts, 'before'), now: sumOf(counts, 'now') };
  const facts = { check: 'sources', kind: 'quality', column: by, limit: atMost } as const;
  const grown = counts.flatMap(({ before, now, source }): DataFinding[] => {
    if (now < atLeastRows || total.before === 0) return [];
    // A source that was not there is held against one row, so that it is no division by zero and stands out.
    const value = now / total.now / (Math.max(1, before) / total.before);
    if (value <= atMost) return [];
    const [was, is] = [percentText(before / total.before), percentText(now / total.now)];
    const sentence = `"${by}" is ${source ?? 'null'} in ${is} of the rows, and was in ${was} of the champion's: ${Number(value.toPrecision(3))} times the share, at most ${atMost} times is expected.`;
    return [broken({ ...facts, value, rows: now, sentence }, severity)];
  });
  if (grown.length > 0) return grown;
  return [held({ ...facts, sentence: `No "${by}" has more than ${atMost} times its share of the champion's rows.` })];
}

const sumOf = (counts: readonly SourceCounts[], side: 'before' | 'now'): number =>
  counts.reduce((sum, one) => sum + one[side], 0);

/** SE4: labels that say something else than in the champion's snapshot, by the lower end of the share's interval. */
export function judgeFlips(
  { atLeastRows, atMost, by, severity }: Checks['labelFlips'],
  counts: readonly SourceCounts[],
  label: string,
): readonly DataFinding[] {
  const facts = { check: 'label-flips', kind: 'quality', column: label, limit: atMost } as const;
  const all = counts.reduce(
    (sum, { flipped, shared }) => ({ flipped: sum.flipped + flipped, shared: sum.shared + shared }),
    {
      flipped: 0,
      shared: 0,
    },
  );
  const parts =
    by === undefined
      ? []
      : counts.map(({ source, ...rest }) => ({ ...rest, where: ` where ${by} is ${source ?? 'null'}` }));
  const found = [{ ...all, where: '' }, ...parts].flatMap(({ flipped, shared, where }): DataFinding[] => {
    const share = shared < atLeastRows ? undefined : wilson(flipped, shared);
    if (!share || share.low <= atMost) return [];
    const sentence = `The label "${label}" is another than in the champion's snapshot in ${counted(flipped)} of ${counted(shared)} rows${where} (${percentText(share.value)}, at most ${percentText(atMost)}).`;
    return [broken({ ...facts, value: share.value, rows: shared, sentence }, severity)];
  });
  if (found.length > 0) return found;
  const sentence = `Of ${counted(all.shared)} rows that the champion's snapshot has too, ${counted(all.flipped)} have another label.`;
  return [held({ ...facts, value: all.shared === 0 ? 0 : all.flipped / all.shared, rows: all.shared, sentence })];
}
