import { escape } from './escape.ts';
import { STYLE } from './style.ts';

export interface Page {
  readonly title: string;
  /** Before the title, so that colour carries no meaning alone. */
  readonly mark: string;
  readonly state: 'running' | 'good' | 'bad';
  readonly why: string;
  /** Finished HTML. */
  readonly body: string;
  readonly foot: string;
}

/** One file without scripts that asks nobody for anything; the same page gives the same bytes. */
export function renderPage({ body, foot, mark, state, title, why }: Page): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escape(title)}</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">
<style>${STYLE}</style></head>
<body><header class="${state}" role="banner"><h1>${mark} ${escape(title)}</h1>
<p>${escape(why)}</p></header>
<main>
${body}
</main>
<footer>${escape(foot)}</footer></body></html>
`;
}

export function section(name: string, body: string): string {
  return body === '' ? '' : `<section aria-label="${escape(name)}"><h2>${escape(name)}</h2>${body}</section>`;
}
