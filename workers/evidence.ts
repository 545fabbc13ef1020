import path from 'node:path';
import { createFileEvidence } from '../activities/adapters/file-evidence.ts';
import { createS3Evidence } from '../activities/adapters/s3/evidence.ts';
import type { EvidenceStore } from '../activities/ports/evidence-store.ts';
import { wireObjects } from './remote-data.ts';
import type { SettingsFile } from './settings-file.ts';

/** Where `evidence.uri` says, or below the state directory; another scheme is an error and never silently a folder. */
export function wireEvidence(file: SettingsFile): EvidenceStore {
  const { stateDir, settings } = file;
  const { uri } = settings.evidence;
  if (uri === undefined) return createFileEvidence({ root: path.join(stateDir, 'evidence') });
  if (uri.startsWith('file://')) return createFileEvidence({ root: new URL(uri).pathname });
  if (uri.startsWith('s3://'))
    return createS3Evidence(wireObjects(file), { uri, copies: path.join(stateDir, 'evidence-copies') });
  throw new Error(`evidence.uri is ${uri}; expected file:///absolute/folder or s3://bucket/prefix`);
}
