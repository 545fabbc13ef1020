/** One line of the Prometheus text format 0.0.4. `value` may be NaN or infinite: judging that is the reader's business. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  readonly timestampMs?: number;
}

const NAME = /[a-zA-Z_:][a-zA-Z0-9_:]*/y;
const LABEL = /\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*"((?:[^"\\]|\\["\\n])*)"\s*(,?)/y;
const NUMBER = /^[+-]?(?:\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)$/;
const SPECIAL: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  '+Inf': Number.POSITIVE_INFINITY,
  Inf: Number.POSITIVE_INFINITY,
  '-Inf': Number.NEGATIVE_INFINITY,
};

/**
 * Reads a whole exposition, strictly: any line that is not understood, a series that appears twice, and a last line
 * without its end (a cut-off body) throw a `SyntaxError` that names the line. Half a scrape must not pass for a whole one.
 */
export function parseExposition(body: string): Sample[] {
  if (!body.endsWith('\n')) throw new SyntaxError('the last line has no end: the body was cut off');
  const samples: Sample[] = [];
  const seen = new Set<string>();
  for (const [index, line] of body.split('\n').entries()) {
    const text = line.trim();
    if (text === '' || text.startsWith('#')) continue;
    const { sample, series } = parseLine(text, index + 1);
    if (seen.has(series)) throw new SyntaxError(`line ${index + 1}: the series ${series} appears twice`);
    seen.add(series);
    samples.push(sample);
  }
  return samples;
}

function parseLine(text: string, number: number): { sample: Sample; series: string } {
  NAME.lastIndex = 0;
  const name = NAME.exec(text)?.[0];
  if (name === undefined) throw unreadable(text, number, 'a metric name');
  const brace = text.slice(name.length).trimStart().startsWith('{');
  const { labels, end } = brace ? parseLabels(text, text.indexOf('{') + 1, number) : { labels: {}, end: name.length };
  const [value = '', timestamp, ...more] = text.slice(end).trim().split(/\s+/);
  if (more.length > 0) throw unreadable(text, number, 'a value and at most a timestamp');
  if (timestamp !== undefined && !/^-?\d+$/.test(timestamp)) throw unreadable(text, number, 'a timestamp in whole ms');
  const sample = { name, labels, value: parseValue(value, text, number) };
  const series = text.slice(0, end).trim();
  return { sample: timestamp === undefined ? sample : { ...sample, timestampMs: Number(timestamp) }, series };
}

function parseLabels(text: string, start: number, number: number): { labels: Record<string, string>; end: number } {
  const labels: Record<string, string> = {};
  let at = start;
  let mayFollow = true;
  while (!text.slice(at).trimStart().startsWith('}')) {
    const pair = pairAt(text, at);
    if (pair === undefined || !mayFollow || Object.hasOwn(labels, pair.label)) {
      throw unreadable(text, number, 'label="value" pairs, each once');
    }
    labels[pair.label] = pair.value;
    mayFollow = pair.comma;
    at = pair.end;
  }
  return { labels, end: text.indexOf('}', at) + 1 };
}

function pairAt(text: string, at: number): { label: string; value: string; comma: boolean; end: number } | undefined {
  LABEL.lastIndex = at;
  const [whole, label = '', value = '', comma = ''] = LABEL.exec(text) ?? [];
  if (whole === undefined) return undefined;
  return { label, value: unescape(value), comma: comma === ',', end: at + whole.length };
}

function unescape(value: string): string {
  return value.replaceAll(/\\(["\\n])/g, (_, character: string) => (character === 'n' ? '\n' : character));
}

function parseValue(value: string, text: string, number: number): number {
  const special = SPECIAL[value];
  if (special !== undefined) return special;
  if (!NUMBER.test(value)) throw unreadable(text, number, 'a number');
  return Number(value);
}

function unreadable(text: string, number: number, expected: string): SyntaxError {
  return new SyntaxError(`line ${number}: expected ${expected} in: ${text.slice(0, 120)}`);
}
