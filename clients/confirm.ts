import { createInterface } from 'node:readline/promises';
import { CliFailure, EXIT } from './failure.ts';
import type { Screen } from './terminal.ts';

/**
 * Goes on only when a person types the model's name. Throws CliFailure 2 where nobody can be asked, naming the flag, and 1
 * when something else is typed.
 */
export async function confirmModel(screen: Screen, what: string, model: string): Promise<void> {
  if (!screen.canAsk)
    throw new CliFailure(EXIT.usage, `to ${what} asks for the model's name, and nobody can be asked here`, 'add --yes');
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const typed = await lines.question(`Type the model's name to ${what}: `);
    if (typed.trim() !== model)
      throw new CliFailure(EXIT.failure, `"${typed}" is not ${model}: nothing was done`, 'try again');
  } finally {
    lines.close();
  }
}
