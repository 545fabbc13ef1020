import { CODES, isDiagnosticCode } from '../scorecards/diagnostics/codes.ts';
import type { CodePage } from '../scorecards/diagnostics/codes.ts';
import { printable } from '../scorecards/diagnostics/diagnostic.ts';
import { nearest } from '../scorecards/diagnostics/suggest.ts';
import { DRIFT_PAGES, METRIC_PAGES } from '../scorecards/metric-catalogue.ts';
import type { DriftPage, MetricPage } from '../scorecards/metric-catalogue.ts';
import { catalogue } from '../scorecards/policy/catalogue.ts';
import type { CatalogueEntry } from '../scorecards/policy/catalogue.ts';

export type Explanation =
  | { readonly kind: 'field'; readonly entry: CatalogueEntry; readonly inside: readonly CatalogueEntry[] }
  | { readonly kind: 'code'; readonly code: string; readonly page: CodePage }
  | { readonly kind: 'metric'; readonly name: string; readonly page: MetricPage | DriftPage }
  | { readonly kind: 'unknown'; readonly near: readonly string[] };

const PAGES: ReadonlyMap<string, MetricPage | DriftPage> = new Map([
  ...Object.entries(METRIC_PAGES),
  ...Object.entries(DRIFT_PAGES),
]);

/** Finds a field (`spec.` may be left out, list indices are any), a code or a metric. */
export function explain(what: string): Explanation {
  const code = what.toUpperCase();
  if (isDiagnosticCode(code)) return { kind: 'code', code, page: CODES[code] };
  const field = what.replaceAll(/\[\d*\]/g, '[]').replace(/^\./, '');
  const entry = fieldEntry(field);
  if (entry !== undefined) {
    const inside = entry.see.flatMap((name) => (name.startsWith(entry.field) ? [catalogue().get(name)] : []));
    return { kind: 'field', entry, inside: inside.filter((one) => one !== undefined) };
  }
  const page = PAGES.get(what);
  if (page !== undefined) return { kind: 'metric', name: what, page };
  return { kind: 'unknown', near: nearNames(field) };
}

function fieldEntry(field: string): CatalogueEntry | undefined {
  const entries = catalogue();
  return (
    entries.get(field) ?? entries.get(`spec.${field}`) ?? entries.get(field.replaceAll('features.', 'features[].'))
  );
}

/** The nearest name as a whole; else fields whose last part is the word or is near to it. */
function nearNames(what: string): readonly string[] {
  const fields = [...catalogue().keys()];
  const whole = nearest(what, [...fields, ...PAGES.keys(), ...Object.keys(CODES)]);
  if (whole !== undefined) return [whole];
  const last = (field: string): string => field.split('.').at(-1) ?? field;
  const word = nearest(last(what), fields.map(last));
  return fields.filter((field) => last(field) === word).slice(0, 3);
}

/** The page as text, the form of `kubectl explain`. */
export function renderExplanation(found: Explanation): string {
  switch (found.kind) {
    case 'field':
      return renderField(found.entry, found.inside);
    case 'code':
      return renderCode(found.code, found.page);
    case 'metric':
      return renderMetric(found.name, found.page);
    case 'unknown':
      return '';
  }
}

function renderField(entry: CatalogueEntry, inside: readonly CatalogueEntry[]): string {
  const fallback = entry.default === undefined ? '' : `default ${entry.default}`;
  const head = [entry.field, entry.type, entry.required ? 'required' : fallback].filter((part) => part !== '');
  const see = inside.length > 0 || entry.see.length === 0 ? '' : `See: ${entry.see.join(', ')}`;
  const example = entry.example === undefined ? '' : `Example: ${entry.example}`;
  const last = [example, see].filter((part) => part !== '').join('          ');
  const lines = [
    head.join('     '),
    `  ${entry.about}`,
    ...(entry.rule === undefined ? [] : [`  Rule: ${entry.rule}.`]),
    ...(last === '' ? [] : [`  ${last}`]),
  ];
  const width = Math.max(0, ...inside.map(({ field }) => field.length));
  const table = inside.map(({ field, about }) => `  ${field.padEnd(width)}  ${about}`);
  return printed([...lines, ...(table.length === 0 ? [] : ['', ...table])]);
}

function renderCode(code: string, page: CodePage): string {
  return printed([`${code}     ${page.title}`, `  ${page.meaning}`, `  Cause: ${page.cause}`, `  Cure: ${page.cure}`]);
}

function renderMetric(name: string, page: MetricPage | DriftPage): string {
  const facts = 'unit' in page ? `     ${page.unit}     ${betterOf(page)}     for ${page.tasks.join(', ')}` : '';
  return printed([
    `${name}${facts}`,
    `  ${page.about}`,
    `  Formula: ${page.formula}`,
    `  Source: ${page.source}`,
    `  Reading: ${page.reading}`,
  ]);
}

const betterOf = ({ better, saidBy = 'direction' }: MetricPage): string =>
  better === undefined ? `${saidBy} says what is better` : `${better} is better`;

function printed(lines: readonly string[]): string {
  return `${lines.map(printable).join('\n')}\n`;
}
