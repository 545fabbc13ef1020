import { ClusterFailure } from './failure.ts';
import { runAsProgram } from './program.ts';
import { loadProjectImages } from './project-images.ts';
import { readRecord } from './record.ts';

// Loads the images of this checkout's `dist/` anew into the cluster that is up, so that a change needs no new cluster.
await runAsProgram(async () => {
  if (readRecord()?.phase !== 'ready') throw new ClusterFailure('the cluster is not up; run: npm run cluster:up');
  await loadProjectImages();
});
