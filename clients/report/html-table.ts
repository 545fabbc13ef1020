import { escape } from './escape.ts';

/** A table that scrolls by itself where the page is narrow; the first cell of a row is also its class. */
export function htmlTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = (kind: 'th' | 'td', row: readonly string[]) =>
    row.map((text) => `<${kind}>${escape(text)}</${kind}>`).join('');
  const body = rows.map((row) => `<tr class="${escape(row[0] ?? '')}">${cells('td', row)}</tr>`).join('\n');
  return `<div class="wide"><table><thead><tr>${cells('th', head)}</tr></thead><tbody>\n${body}\n</tbody></table></div>`;
}
