import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import type { Document, Node, ParsedNode } from 'yaml';
import { formatPath } from './diagnostic.ts';
import type { Diagnostic, FieldPath, Problem } from './diagnostic.ts';
import { contentProblems, readingProblems } from './yaml-problems.ts';
import type { YamlProblem } from './yaml-problems.ts';

const LARGEST = 1024 * 1024;
const MOST_ALIASES = 100;
/** Excerpts show at most this many code units of a line, the mark about a third in. */
const WINDOW = 110;

/** A YAML text with its plain value and the place of every field. */
export interface Source {
  readonly file: string;
  readonly text: string;
  /** Undefined when the text could not be read. Plain JSON-like values, without cycles. */
  readonly value: unknown;
  /** What is wrong with the YAML itself, placed. */
  readonly diagnostics: readonly Diagnostic[];
  /** Places a problem of a field. A field that is not there is placed at the nearest group that is. */
  place(problem: Problem): Diagnostic;
  /** Line of a field's value, or undefined when the file does not have the field. */
  lineOf(path: FieldPath): number | undefined;
}

interface Range {
  readonly from: number;
  readonly until: number;
}

/** Reads YAML 1.2 without ever throwing; what is wrong comes back as diagnostics (US00). */
export function readSource(text: string, file: string): Source {
  const lines = new LineCounter();
  if (text.length > LARGEST) return unreadable(text, file, [{ code: 'US0008', message: 'the file is over 1 MiB' }]);
  try {
    return readWith(text, file, lines);
  } catch (error) {
    // The parser recurses; what it throws on hostile nesting is a RangeError.
    const why =
      error instanceof RangeError ? 'the file is nested too deeply' : `the file cannot be read: ${String(error)}`;
    return unreadable(text, file, [{ code: 'US0008', message: why }]);
  }
}

function readWith(text: string, file: string, lines: LineCounter): Source {
  const document = parseDocument(text, {
    lineCounter: lines,
    uniqueKeys: true,
    prettyErrors: false,
    logLevel: 'error',
  });
  const problems = readingProblems(document, text);
  const fatal = problems.some((problem) => problem.severity !== 'warning' && problem.code !== 'US0001');
  const value = fatal ? undefined : toPlain(document, problems);
  if (value !== undefined) problems.push(...contentProblems(document));
  const at = (range: Range, problem: Omit<Problem, 'at'>): Diagnostic => placed({ text, file, lines, range, problem });
  return {
    file,
    text,
    value,
    diagnostics: problems.map(({ range, severity = 'error', ...problem }) =>
      at(range ?? { from: 0, until: 1 }, { path: [], severity, ...problem }),
    ),
    place: (problem) => at(rangeOf(document, problem.path, problem.at), problem),
    lineOf: (path) => {
      const node = nodeAt(document, path);
      return node?.range ? lines.linePos(node.range[0]).line : undefined;
    },
  };
}

/** The value in plain form; adds a problem and gives undefined for unknown, cyclic and explosive aliases. */
function toPlain(document: Document.Parsed, problems: YamlProblem[]): unknown {
  try {
    const value: unknown = document.toJS({ maxAliasCount: MOST_ALIASES });
    // Cycles are only found by walking; what survives is finite.
    JSON.stringify(value);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
    problems.push({
      code: 'US0009',
      message: value === null ? 'the file is empty' : 'expected fields such as apiVersion',
      help: 'a field is "name: value", with a blank after the colon',
    });
  } catch (error) {
    problems.push({ code: 'US0008', message: whyNotPlain(error), help: 'write out what the aliases stand for' });
  }
  return undefined;
}

function whyNotPlain(error: unknown): string {
  if (error instanceof ReferenceError) return 'aliases would make the file grow without bounds';
  return error instanceof TypeError ? 'an alias contains itself' : 'the file is nested too deeply';
}

function unreadable(text: string, file: string, problems: readonly YamlProblem[]): Source {
  const lines = new LineCounter();
  const place = (problem: Omit<Problem, 'at'>): Diagnostic =>
    placed({ text: '', file, lines, range: { from: 0, until: 1 }, problem });
  return {
    file,
    text,
    value: undefined,
    diagnostics: problems.map(({ code, message }) => place({ code, severity: 'error', path: [], message })),
    place,
    lineOf: () => undefined,
  };
}

function resolved(document: Document.Parsed, node: unknown): Node | undefined {
  const target = isAlias(node) ? node.resolve(document) : node;
  return typeof target === 'object' && target !== null ? (target as Node) : undefined;
}

function pairAt(node: Node | undefined, step: string | number): { key: Node; value: unknown } | undefined {
  if (!isMap(node)) return undefined;
  const pair = node.items.find(({ key }) => String(isScalar(key) ? key.value : key) === String(step));
  return pair === undefined ? undefined : { key: pair.key as ParsedNode, value: pair.value };
}

function nodeAt(document: Document.Parsed, path: FieldPath): Node | undefined {
  let node = resolved(document, document.contents);
  for (const step of path) {
    const next = isSeq(node) ? node.items[Number(step)] : pairAt(node, step)?.value;
    node = resolved(document, next);
    if (node === undefined) return undefined;
  }
  return node;
}

/** The nearest range for a path: its key or value, else that of the closest ancestor which exists. */
function rangeOf(document: Document.Parsed, path: FieldPath, at: 'key' | 'value'): Range {
  const [parent, last] = [nodeAt(document, path.slice(0, -1)), path.at(-1)];
  if (last === undefined) return firstKey(document);
  const pair = pairAt(parent, last);
  const value = isSeq(parent) ? parent.items[Number(last)] : pair?.value;
  // An empty value (`soak:`) has no text to mark, so the mark goes to its name.
  const node = at === 'key' || isEmpty(value) ? (pair?.key ?? value) : value;
  const range = (node as Node | undefined | null)?.range;
  if (!range) return rangeOf(document, path.slice(0, -1), 'key');
  return { from: range[0], until: range[1] };
}

function isEmpty(value: unknown): boolean {
  return value === null || value === undefined || (isScalar(value) && value.value === null);
}

function firstKey(document: Document.Parsed): Range {
  const range = isMap(document.contents) ? (document.contents.items[0]?.key as Node | undefined)?.range : undefined;
  return range ? { from: range[0], until: range[1] } : { from: 0, until: 1 };
}

interface Placing {
  readonly text: string;
  readonly file: string;
  readonly lines: LineCounter;
  readonly range: Range;
  readonly problem: Omit<Problem, 'at'>;
}

function placed({ text, file, lines, range, problem }: Placing): Diagnostic {
  const { line, col } = lines.linePos(Math.min(range.from, text.length));
  const start = range.from - Math.max(0, col - 1);
  const end = text.indexOf('\n', start);
  const whole = text.slice(start, end === -1 ? text.length : end).replace(/\r$/, '');
  const column = Math.max(1, col);
  const length = Math.max(1, Math.min(range.until - range.from, whole.length - column + 1));
  return {
    code: problem.code,
    severity: problem.severity,
    message: problem.message,
    file,
    line: Math.max(1, line),
    column,
    length,
    path: formatPath(problem.path),
    ...windowOf(whole, column - 1),
    ...(problem.help === undefined ? {} : { help: problem.help }),
  };
}

function windowOf(line: string, mark: number): { excerpt: string; caret: number } {
  if (line.length <= WINDOW) return { excerpt: line, caret: mark };
  const from = Math.max(0, Math.min(mark - Math.floor(WINDOW / 3), line.length - WINDOW));
  const cut = line.slice(from, from + WINDOW);
  const before = from > 0 ? '…' : '';
  return { excerpt: `${before}${cut}${from + WINDOW < line.length ? '…' : ''}`, caret: mark - from + before.length };
}
