import { FAILURES } from '../../activities/failures.ts';
import { outcomeOfFailure } from '../../workflows/ending.ts';
import { code, generatedFrom, table } from './markdown.ts';
import type { Page } from './markdown.ts';

const INTRODUCTION = `# Failures

What an activity can fail with, as the Temporal UI and \`understudy status\` show it. **Retried** failures are waited out: the
run goes on when the cause is gone, and nobody has to do anything. The others end the run; the champion keeps serving.
A run that ends \`blocked\` was stopped by its data, its budget or somebody else's change, one that ends \`failed\` by a fault of the
trainer, of the configuration or of ours.

Anything that nobody foresaw is called \`Unexpected\`: it is tried three times and then ends the run as \`failed\`.`;

/** The closed list of failures with what happens and what to do. */
export function failuresPage(): Page {
  const rows = Object.values(FAILURES).map(({ type, retry, next }) => [
    code(type),
    retry ? 'retried' : code(outcomeOfFailure(type)),
    sentence(next),
  ]);
  const body = table(['failure', 'retried, or how the run ends', 'what to do'], rows);
  return {
    path: 'docs/failures.md',
    text: `${[generatedFrom('activities/failures.ts'), INTRODUCTION, body].join('\n\n')}\n`,
  };
}

/** With a capital letter, unless it begins with the name of a file. */
function sentence(text: string): string {
  const first = /^\w+\.\w/.test(text) ? text.slice(0, 1) : text.slice(0, 1).toUpperCase();
  return `${first}${text.slice(1)}.`;
}
