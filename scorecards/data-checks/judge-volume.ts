import { counted } from '../counted.ts';
import type { Policy } from '../policy/schema.ts';
import { median } from '../statistics/median.ts';
import { broken, held } from './finding.ts';
import type { DataFinding } from './finding.ts';
import type { FileProfile } from './profile.ts';

type Volume = Policy['spec']['dataset']['checks']['volume'];

const WEEK_MS = 7 * 86_400_000;
/** The median of so many earlier days of the same weekday is what a day is held against. */
const MOST_WEEKDAYS = 4;
/** Clocks of writer and storage may differ so much. */
const CLOCKS_MS = 5 * 60_000;

/**
 * The rows of every day from `since` on against the median of up to four earlier days of the same weekday. Days without such a
 * day before them are not judged: the data begin there.
 */
export function judgeVolume(volume: Volume, files: readonly FileProfile[], since: string): readonly DataFinding[] {
  const days = new Map<number, { rows: number; file: string }>();
  for (const { day, path, rows } of files) {
    const start = Date.parse(day.from);
    days.set(start, { rows: (days.get(start)?.rows ?? 0) + rows, file: path });
  }
  return [...days].flatMap(([start, { file, rows }]) => {
    if (start < Date.parse(since)) return [];
    const before = [1, 2, 3, 4]
      .slice(0, MOST_WEEKDAYS)
      .flatMap((weeks) => days.get(start - weeks * WEEK_MS)?.rows ?? []);
    const usual = median(before);
    if (usual === undefined || usual === 0) return [];
    const value = rows / usual;
    const name = new Date(start).toISOString().slice(0, 10);
    const said = `${name} has ${counted(rows)} rows, ${Number(value.toPrecision(3))} times the ${counted(usual)} usual on this weekday`;
    const facts = { check: 'volume', kind: 'quality', value, rows, file } as const;
    if (value >= volume.atLeast && value <= volume.atMost) return [held({ ...facts, sentence: `${said}.` })];
    const limit = value < volume.atLeast ? volume.atLeast : volume.atMost;
    const sentence = `${said}; expected ${volume.atLeast} to ${volume.atMost} times (${file}).`;
    return [broken({ ...facts, limit, sentence }, volume.severity)];
  });
}

/** An event cannot be later than the file that tells of it: such times are in another time zone, or made up. */
export function judgeArrival(files: readonly FileProfile[], time: string): readonly DataFinding[] {
  const facts = { check: 'arrival', kind: 'quality', column: time } as const;
  const early = files.find(
    ({ arrivedAt, newestEvent }) =>
      newestEvent !== undefined && Date.parse(newestEvent) > Date.parse(arrivedAt) + CLOCKS_MS,
  );
  if (!early) return [held({ ...facts, sentence: `No "${time}" is later than the file that it stands in.` })];
  const sentence = `"${time}" is ${early.newestEvent} in ${early.path}, which was written at ${early.arrivedAt}: an event of the future.`;
  return [broken({ ...facts, file: early.path, sentence }, 'fail')];
}
