import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { artifactDigest, fileDigest } from '../../activities/artifact.ts';
import { putJson } from '../../activities/context.ts';
import { RECORD_TAG } from '../../activities/opening.ts';
import type { ModelRegistry } from '../../activities/ports/model-registry.ts';
import type { Grid } from '../../scorecards/drift/sketch.ts';
import type { createMemoryEvidence } from '../fakes/memory-evidence.ts';

export const MODEL = 'churn';

/** What promotion reads of a policy. */
export const policyWith = (...features: readonly string[]) => ({
  spec: { data: { features: features.map((name) => ({ name, type: 'continuous' })) } },
});

/** A run record whose baseline counted these features, each on its grid. */
export async function recordOf(
  evidence: ReturnType<typeof createMemoryEvidence>,
  counted: readonly string[],
  change: { readonly features?: readonly string[]; readonly rows?: number; readonly grids?: readonly Grid[] } = {},
) {
  const { features = counted, rows = 9 } = change;
  const grids = change.grids ?? counted.map((feature) => ({ kind: 'values', id: feature, feature }));
  const sketch = { rows, nulls: 0, nonFinite: 0, keys: [1], counts: [rows], other: 0 };
  const sketches = Object.fromEntries(counted.map((feature) => [feature, { ...sketch, grid: feature }]));
  return putJson(evidence, { features, baseline: await putJson(evidence, { grids, sketches }) });
}

/** A model of one file. */
export async function artifact(folder: string, name: string) {
  const path = `${name}.txt`;
  await writeFile(join(folder, path), name);
  const sha256 = await fileDigest(join(folder, path));
  return {
    directory: folder,
    files: [{ path, sha256 }],
    digest: artifactDigest([{ path, bytes: name.length, sha256 }]),
  };
}

export async function register(registry: ModelRegistry, folder: string, name: string, written?: string): Promise<void> {
  const { digest, ...files } = await artifact(folder, name);
  const dataset = { name: 'd', digest, source: 'memory:' };
  const run = await registry.openRun({ model: MODEL, key: name, name, startedAtMs: 0, params: {}, tags: {}, dataset });
  const record = { paramsDigest: digest, datasetDigest: digest, environmentHash: digest, artifactDigest: digest };
  await registry.register({
    model: MODEL,
    key: name,
    runId: run.runId,
    artifact: files,
    record,
    tags: written === undefined ? {} : { [RECORD_TAG]: written },
  });
}
