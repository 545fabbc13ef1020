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

/** Escapes what Markdown would take for its own; text between a pair of backticks is code and stays. */
function inText(text: string): string {
  const parts = text.split(/(`[^`]+`)/);
  return parts.map((part, index) => (index % 2 === 1 ? part : part.replaceAll(/[*_<[\]`]/g, '\\$&'))).join('');
}
