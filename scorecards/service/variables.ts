/** What may stand in a query as `$name` or `${name}`. */
export const VARIABLES = ['model', 'version', 'window'] as const;
export type Variable = (typeof VARIABLES)[number];

/** A part of a query. `isPattern`: a text that is matched as a regular expression. */
interface Part {
  readonly kind: 'code' | 'comment' | 'text' | 'open';
  readonly text: string;
  readonly isPattern: boolean;
}

const PARTS = /"(?:\\[^]|[^"\\])*"|'(?:\\[^]|[^'\\])*'|`[^`]*`|#[^\n]*|[^"'`#]+|["'`]/g;
const NAMES = /\$(?:\{([a-z_]\w*)\}|([a-z_]\w*))/gi;

/**
 * The query with its variables filled in. In quotes a value becomes a label's value and nothing else: it is escaped for the
 * quotes that it stands in, and where a pattern is matched it matches only itself. `$window` stands outside of quotes.
 * Variables without a value stay as they are; `queryProblems` has refused them before.
 */
export function fillIn(query: string, values: Readonly<Partial<Record<Variable, string>>>): string {
  const valueOf = (name: string): string | undefined => (isVariable(name) ? values[name] : undefined);
  const filled = partsOf(query).map(({ kind, text, isPattern }) => {
    if (kind === 'code') return text.replaceAll(NAMES, (all, a?: string, b?: string) => spanOf(a ?? b, values) ?? all);
    if (kind !== 'text') return text;
    const quoted = (name = ''): string | undefined => {
      const value = valueOf(name);
      return value === undefined ? undefined : isPattern ? literally(value) : value;
    };
    return withValues(text, quoted);
  });
  return filled.join('');
}

/** The names that stand in a query's quotes and code, also such as are no variables. */
export function variablesIn(query: string): readonly string[] {
  const parts = partsOf(query).filter(({ kind }) => kind !== 'comment');
  return parts.flatMap(({ text }) => namesIn(text));
}

/** What is wrong with the variables and quotes of a query, in sentences with a cure. */
export function queryProblems(query: string): readonly { readonly message: string; readonly help: string }[] {
  const parts = partsOf(query);
  // What stands outside of quotes is not known when one is open.
  if (parts.some(({ kind }) => kind === 'open'))
    return [{ message: 'a quote in the query is never closed', help: 'close it' }];
  const unknown = [...new Set(variablesIn(query).filter((name) => !isVariable(name)))];
  const bare = namesOf(parts, 'code').filter((name) => isVariable(name) && name !== 'window');
  const quoted = namesOf(parts, 'text').filter((name) => name === 'window');
  return [
    ...unknown.map((name) => ({
      message: `there is no variable $${name}`,
      help: `variables are ${VARIABLES.map((one) => `$${one}`).join(', ')}`,
    })),
    ...bare.map((name) => ({
      message: `$${name} stands outside of quotes`,
      help: `write it as a label's value, ${name}="$${name}"`,
    })),
    ...quoted.map(() => ({ message: '$window stands in quotes', help: 'write it as a range, [$window]' })),
  ];
}

const isVariable = (name: string): name is Variable => VARIABLES.some((one) => one === name);

const namesIn = (text: string): string[] => [...text.matchAll(NAMES)].map(([, a, b]) => a ?? b ?? '');

const namesOf = (parts: readonly Part[], kind: Part['kind']): readonly string[] => [
  ...new Set(parts.filter((part) => part.kind === kind).flatMap(({ text }) => namesIn(text))),
];

const spanOf = (name: string | undefined, values: Readonly<Partial<Record<Variable, string>>>): string | undefined =>
  name === 'window' ? values.window : undefined;

function partsOf(query: string): readonly Part[] {
  let before = '';
  return [...query.matchAll(PARTS)].map(([text]) => {
    const isPattern = /[=!]~\s*$/.test(before);
    const kind = kindOf(text);
    if (kind !== 'comment') before = text;
    return { kind, text, isPattern };
  });
}

function kindOf(text: string): Part['kind'] {
  if (text.startsWith('#')) return 'comment';
  if (!/^["'`]/.test(text)) return 'code';
  return text.length === 1 ? 'open' : 'text';
}

/** Backticks know no escapes, so a text in them is rewritten in double quotes. */
function withValues(text: string, valueOf: (name: string) => string | undefined): string {
  const quote = text.charAt(0);
  const inside = text.slice(1, -1);
  if (quote !== '`') return `${quote}${replaced(inside, valueOf, (value) => escaped(value, quote))}${quote}`;
  const isFilled = namesIn(inside).some((name) => valueOf(name) !== undefined);
  return isFilled ? `"${escaped(replaced(inside, valueOf, String), '"')}"` : text;
}

const replaced = (
  text: string,
  valueOf: (name: string) => string | undefined,
  escape: (value: string) => string,
): string =>
  text.replaceAll(NAMES, (all, a?: string, b?: string) => {
    const value = valueOf(a ?? b ?? '');
    return value === undefined ? all : escape(value);
  });

/** For a text of Go in these quotes: control characters and quotes by their code, in either kind. */
const escaped = (value: string, quote: string): string =>
  value.replaceAll(/[\\"']|(?=\p{ASCII})\p{Cc}/gu, (one) => {
    if (one === '\\') return '\\\\';
    if (one === '"' || one === "'") return one === quote ? `\\${one}` : one;
    return `\\x${one.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });

/** A pattern of RE2 that only this value matches. */
const literally = (value: string): string => value.replaceAll(/[\\.+*?()|[\]{}^$]/g, String.raw`\$&`);
