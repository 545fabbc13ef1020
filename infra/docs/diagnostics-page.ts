import { CODES } from '../../scorecards/diagnostics/codes.ts';
import { generatedFrom } from './markdown.ts';
import type { Page } from './markdown.ts';

const INTRODUCTION = `# Diagnostics

What \`understudy lint\` and \`understudy apply\` say about a file: a code, the place, what was expected. A code is never used
for anything else. \`understudy explain CODE\` prints an entry of this page in the terminal.`;

/** One entry for every code, in their order. */
export function diagnosticsPage(): Page {
  const entries = Object.entries(CODES).map(([name, { title, meaning, cause, cure }]) =>
    [`## ${name}: ${inText(title)}`, `${inText(meaning)}`, `- Cause: ${inText(cause)}\n- Cure: ${inText(cure)}`].join(
      '\n\n',
    ),
  );
  const head = [generatedFrom('scorecards/diagnostics/'), INTRODUCTION];
  return { path: 'docs/diagnostics.md', text: `${[...head, ...entries].join('\n\n')}\n` };
}

/** Characters that Markdown would take for its own. */
function inText(text: string): string {
  return text.replaceAll(/[*_<[\]`]/g, '\\$&');
}
