import { CliFailure, EXIT } from './failure.ts';
import { loadPolicyFile } from './policy-file.ts';
import type { PolicyFile } from './policy-file.ts';
import { renderDiagnostics } from './render-diagnostics.ts';
import { talk } from './terminal.ts';
import type { Screen } from './terminal.ts';

/**
 * The policies of these files. Every problem of every file is shown; one error, and CliFailure 3 says `otherwise`: what was
 * not done.
 */
export async function readValid(
  screen: Screen,
  files: readonly string[],
  otherwise: string,
): Promise<readonly PolicyFile[]> {
  const read = await Promise.all(
    files.map(async (file) => ({
      file,
      ...(await loadPolicyFile(file).catch((error: Error) => {
        throw new CliFailure(EXIT.usage, `cannot read ${file}: ${error.message}`, 'name a policy with -f FILE');
      })),
    })),
  );
  const diagnostics = read.flatMap((one) => one.diagnostics);
  if (diagnostics.length > 0) talk(screen, renderDiagnostics(diagnostics, screen.err));
  const invalid = read.filter((one) => one.loaded === undefined).map((one) => one.file);
  if (invalid.length === 0) return read.flatMap((one) => one.loaded ?? []);
  throw new CliFailure(
    EXIT.invalid,
    `${otherwise}: ${invalid.join(', ')} ${invalid.length === 1 ? 'is' : 'are'} invalid`,
    'correct what is marked above; understudy explain CODE says more',
  );
}
