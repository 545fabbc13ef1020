import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { packageRoot } from '../../infra/package-root.ts';

/** A page that people read, with its path relative to the repository. */
export interface WrittenPage {
  readonly file: string;
  readonly text: string;
}

/** Every Markdown page of the repository. */
export function writtenPages(): readonly WrittenPage[] {
  const root = packageRoot();
  const inDocs = readdirSync(path.join(root, 'docs'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.md'),
  );
  const atTop = readdirSync(root).filter((name) => name.endsWith('.md'));
  const files = [...atTop, ...inDocs.map((name) => path.join('docs', name)), 'examples/flights/README.md'];
  return files.map((file) => ({ file, text: readFileSync(path.join(root, file), 'utf8') }));
}

/** The contents of fenced blocks of one language; '' is a block without one. */
export function blocksOf({ text }: Pick<WrittenPage, 'text'>, language: string): readonly string[] {
  return [...text.matchAll(/^```(\S*)\n([\s\S]*?)^```$/gm)].flatMap(([, found, body = '']) =>
    found === language ? [body] : [],
  );
}
