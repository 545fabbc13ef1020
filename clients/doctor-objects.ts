import { isRemote } from '../activities/paths.ts';
import type { PreflightFinding } from '../activities/ports/preflight.ts';
import type { SettingsFile } from '../workers/settings-file.ts';
import { ANSWER_MS, saidWhileWaiting } from './patience.ts';
import type { PolicyFile } from './policy-file.ts';
import type { Screen } from './terminal.ts';

/** Evidence in S3 when the settings name it, and whatever the policies read from there. */
export async function objectChecks(
  screen: Pick<Screen, 'err'>,
  file: SettingsFile,
  policies: readonly PolicyFile[],
): Promise<PreflightFinding[]> {
  const { uri = '' } = file.settings.evidence;
  const paths = policies.flatMap(({ policy: { spec } }) => [spec.data.observations.path, spec.data.labels.path]);
  const evidence = [uri].filter(isRemote);
  const data = [...new Set(paths.filter(isRemote))];
  if (evidence.length + data.length === 0) return [];
  // Half of the product comes with the wiring: loaded only for whoever needs it.
  const { objectsPreflight } = await import('../workers/wiring.ts');
  const objects = objectsPreflight(file, ANSWER_MS);
  return Promise.all([
    ...evidence.map(async (place) => saidWhileWaiting(screen, place, async () => objects.evidence(place))),
    ...data.map(async (path) => saidWhileWaiting(screen, path, async () => objects.data(path))),
  ]);
}
