import type { Dataset } from '../activities/dataset.ts';
import type { EvidenceRef } from '../scorecards/vocabulary.ts';

/** A snapshot of one tiny file, which is training data, holdout and labels at once; its last day is `asOf`. */
export function oneFileDataset(digest: string, manifest: EvidenceRef, asOf: string): Dataset {
  const file = { name: 'train.parquet', path: '/train.parquet', bytes: 1, sha256: 'a'.repeat(64), rows: 1 };
  const span = { from: '2026-02-01T00:00:00.000Z', until: asOf };
  return {
    digest,
    manifest,
    train: file,
    holdout: file,
    holdoutLabels: file,
    features: ['x'],
    trainSpan: span,
    holdoutSpan: span,
    labelWatermark: asOf,
    labelCoverage: 1,
    columns: [],
  };
}
