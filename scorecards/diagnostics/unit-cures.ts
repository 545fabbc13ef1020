import { parseShare } from '../policy/units.ts';
import type { FieldPath } from './diagnostic.ts';
import type { Unit } from './shape.ts';

const WORDS: Readonly<Record<string, string>> = {
  ms: 'ms',
  millisecond: 'ms',
  milliseconds: 'ms',
  s: 's',
  sec: 's',
  secs: 's',
  second: 's',
  seconds: 's',
  m: 'm',
  min: 'm',
  mins: 'm',
  minute: 'm',
  minutes: 'm',
  h: 'h',
  hr: 'h',
  hrs: 'h',
  hour: 'h',
  hours: 'h',
  d: 'd',
  day: 'd',
  days: 'd',
};
const SIZES: Readonly<Record<string, string>> = {
  k: 'KB',
  kb: 'KB',
  m: 'MB',
  mb: 'MB',
  g: 'GB',
  gb: 'GB',
  ki: 'Ki',
  kib: 'Ki',
  mi: 'Mi',
  mib: 'Mi',
  gi: 'Gi',
  gib: 'Gi',
};
/** The unit in which people think of a field, for a bare number. All others: hours. */
const USUAL: Readonly<Record<string, string>> = {
  p50: 'ms',
  p95: 'ms',
  look: 's',
  lease: 's',
  soakLease: 's',
  grace: 's',
  requestTimeout: 's',
  readyWithin: 's',
  for: 's',
  stepAtLeast: 'm',
  deadline: 'm',
  window: 'd',
  retrainEvery: 'd',
  train: 'd',
  atLeast: 'd',
  holdout: 'd',
  validFor: 'd',
  every: 'd',
  evidence: 'd',
  logs: 'd',
};

/** What to write instead of a value without its unit or with a wrong one; undefined when there is no telling. */
export function unitCure(unit: Unit, given: unknown, path: FieldPath): string | undefined {
  const text = typeof given === 'number' ? String(given) : given;
  if (typeof text !== 'string' || text.length > 40) return undefined;
  const [, amount, word = ''] = /^\s*(\d+(?:\.\d+)?)\s*([a-z%/ ]*?)\s*$/i.exec(text) ?? [];
  if (amount === undefined) return undefined;
  return CURES[unit](amount, word.toLowerCase(), path);
}

const CURES: Readonly<Record<Unit, (amount: string, word: string, path: FieldPath) => string | undefined>> = {
  duration: durationCure,
  share: shareCure,
  size: sizeCure,
  rate: rateCure,
  percent: (amount, word) => (word === '%' ? `write ${amount}, without the percent sign` : undefined),
};

function durationCure(amount: string, word: string, path: FieldPath): string | undefined {
  if (word === '') return `write ${amount}${usualUnit(path)} (units are ms, s, m, h and d)`;
  if (['w', 'week', 'weeks'].includes(word)) return `write ${Number(amount) * 7}d`;
  const unit = WORDS[word];
  return unit === undefined ? undefined : `write ${amount}${unit}`;
}

function usualUnit(path: FieldPath): string {
  return USUAL[String(path.at(-1))] ?? 'h';
}

function shareCure(amount: string, word: string): string | undefined {
  const value = Number(amount);
  if (value > 100) return 'write at most 100%';
  if (['%', 'percent', 'pct'].includes(word)) return `write ${amount}%`;
  if (word !== '') return undefined;
  if (value === 1) return 'write 1% or 100%, whichever is meant';
  return value > 0 && value < 1 ? `write ${Number((value * 100).toPrecision(12))}%` : `write ${amount}%`;
}

function sizeCure(amount: string, word: string): string | undefined {
  if (word === '') return bareSize(Number(amount));
  const unit = SIZES[word];
  return unit === undefined ? undefined : `write ${amount}${unit}`;
}

/** A large bare number is bytes; a small one was thought of in megabytes. */
function bareSize(amount: number): string {
  const units = '(units are KB, MB, GB, Ki, Mi and Gi)';
  if (amount < 1e4) return `write ${amount}MB ${units}`;
  return amount % 1024 ** 2 === 0 ? `write ${amount / 1024 ** 2}Mi ${units}` : `write ${amount / 1e6}MB ${units}`;
}

function rateCure(amount: string, word: string): string | undefined {
  const unit = word.replaceAll(' ', '').replace(/^(req|requests?)?(\/|per)/, '/');
  if (['', '/s', '/sec', '/second', 'rps', 'qps'].includes(unit)) return `write ${amount}/s`;
  if (['/m', '/min', '/minute', 'rpm'].includes(unit)) return `write ${Number((Number(amount) / 60).toPrecision(4))}/s`;
  return undefined;
}

/** A text where a plain number belongs: `"5"`, `30%`, `1_000`. */
export function numberCure(unit: Unit | undefined, given: string): string | undefined {
  if (/^-?\d+(\.\d+)?$/.test(given)) return `write ${given}, without quotes`;
  if (/^\d{1,3}(_\d{3})+$/.test(given))
    return `write ${given.replaceAll('_', '')}; YAML 1.2 takes underscores for text`;
  const [, amount] = /^(\d+(?:\.\d+)?)\s?%$/.exec(given) ?? [];
  if (amount === undefined) return undefined;
  if (unit === 'percent') return `write ${amount}, without the percent sign`;
  const fraction = parseShare(`${amount}%`);
  return fraction === undefined ? undefined : `write ${Number(fraction.toPrecision(12))}`;
}
