import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { packageRoot } from '../package-root.ts';
import { CAPABILITIES, findProofs } from './coverage-page.ts';
import { pages } from './pages.ts';

/** `npm run docs`: writes every generated page, and says which capability has no test. */
const root = packageRoot();
for (const { path: file, text } of pages(root)) {
  writeFileSync(path.join(root, file), text);
  console.error(`wrote ${file}`);
}
const proved = new Set(findProofs(root).flatMap((proof) => proof.ids));
const missing = Object.keys(CAPABILITIES).filter((id) => !proved.has(id));
if (missing.length > 0) console.error(`without a test: ${missing.join(', ')}`);
