import stringWidth from 'string-width';
import { printable } from '../scorecards/diagnostics/diagnostic.ts';
import type { Diagnostic } from '../scorecards/diagnostics/diagnostic.ts';

export interface RenderOptions {
  readonly color: boolean;
}

const CODES = { red: 31, yellow: 33, blue: 34, bold: 1 } as const;
type Style = keyof typeof CODES;

/**
 * Diagnostics as a compiler prints them: message, place, the line, a mark under the field, the cure. Safe for terminals:
 * what the file holds cannot move the cursor or reorder text.
 */
export function renderDiagnostics(diagnostics: readonly Diagnostic[], { color }: RenderOptions): string {
  const paint = (style: Style, text: string): string => (color ? `\u001b[${CODES[style]}m${text}\u001b[0m` : text);
  return diagnostics.map((diagnostic) => renderOne(diagnostic, paint)).join('\n');
}

function renderOne(diagnostic: Diagnostic, paint: (style: Style, text: string) => string): string {
  const { severity, code, message, file, line, column, path, excerpt, caret } = diagnostic;
  const tone = severity === 'error' ? 'red' : 'yellow';
  const number = String(line).padStart(4);
  const before = printable(excerpt.slice(0, caret));
  const marked = printable(excerpt.slice(caret, caret + diagnostic.length));
  const mark = '^'.repeat(Math.max(1, stringWidth(marked)));
  const help = diagnostic.help === undefined ? '' : ` help: ${diagnostic.help}`;
  const field = path === '' ? '' : `  (${path})`;
  return [
    `${paint(tone, `${severity}[${code}]`)}: ${paint('bold', message)}`,
    `  ${paint('blue', '-->')} ${printable(file)}:${line}:${column}${field}`,
    `${paint('blue', `${number} |`)} ${printable(excerpt)}`,
    `${paint('blue', '     |')} ${' '.repeat(stringWidth(before))}${paint(tone, `${mark}${help}`)}`,
    '',
  ].join('\n');
}

/** `2 errors, 1 warning`; `no problems` when there are none. */
export function countDiagnostics(diagnostics: readonly Diagnostic[]): string {
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
  const parts = [plural(errors, 'error'), plural(diagnostics.length - errors, 'warning')].filter((part) => part !== '');
  return parts.length === 0 ? 'no problems' : parts.join(', ');
}

function plural(count: number, word: string): string {
  return count === 0 ? '' : `${count} ${word}${count === 1 ? '' : 's'}`;
}
