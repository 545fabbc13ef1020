import type { DiagnosticCode } from './codes.ts';

export type Severity = 'error' | 'warning';
export type FieldPath = readonly (string | number)[];

/** A problem before it has a place in a file: rules and schemas speak of fields, files of lines. */
export interface Problem {
  readonly code: DiagnosticCode;
  readonly severity: Severity;
  readonly path: FieldPath;
  /** Whether the mark belongs under the field's name or under its value. */
  readonly at: 'key' | 'value';
  readonly message: string;
  /** The cure, as a phrase that follows "help:". */
  readonly help?: string;
}

/** A problem at its place. Lines and columns count from 1; columns and lengths are UTF-16 code units, as in editors. */
export interface Diagnostic {
  readonly code: DiagnosticCode;
  readonly severity: Severity;
  readonly message: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly length: number;
  /** The field in dots and brackets, `spec.rollout.steps[1]`; empty for the whole document. */
  readonly path: string;
  /** The line, cut to a window around the mark when it is very long. */
  readonly excerpt: string;
  /** Where the mark begins in `excerpt`, from 0. */
  readonly caret: number;
  readonly help?: string;
}

/** `['spec', 'rollout', 'steps', 1]` → `spec.rollout.steps[1]`. */
export function formatPath(path: FieldPath): string {
  return path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${visible(step)}`))
    .join('')
    .replace(/^\./, '');
}

const LONGEST_QUOTE = 60;
/** Control characters, and those that reorder or hide text in a terminal ("Trojan source"). */
const UNSEEN = /[\p{Cc}\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]|\p{Surrogate}/gu;

/** Text from a file made safe to print: characters that act on a terminal become `<U+202E>`. Tabs become one blank. */
export function printable(text: string): string {
  return text
    .replaceAll('\t', ' ')
    .replace(UNSEEN, (found) => `<U+${(found.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}>`);
}

/** Like `printable`, at most 60 characters. */
export function visible(text: string): string {
  const characters = Array.from(text.slice(0, LONGEST_QUOTE * 2));
  const cut = characters.slice(0, LONGEST_QUOTE).join('');
  return printable(cut) + (cut.length < text.length ? '…' : '');
}

/** How a value of the file is named in a sentence. */
export function show(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (typeof value === 'string') return `"${visible(value)}"`;
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a group of fields';
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  return 'something else';
}

export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((one) => one.severity === 'error');
}

/** Sorted by place; what belongs to `first` comes before what belongs to other files. */
export function inFileOrder(diagnostics: readonly Diagnostic[], first: string): Diagnostic[] {
  const rank = ({ file }: Diagnostic): number => (file === first ? 0 : 1);
  return diagnostics.toSorted((a, b) => rank(a) - rank(b) || a.line - b.line || a.column - b.column);
}
