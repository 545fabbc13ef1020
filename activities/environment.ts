import type { EnvironmentInput, RecordedEnvironment } from '../scorecards/records/run-record.ts';
import { digestOf } from './artifact.ts';

/** Names what a run was computed with: the hash covers every field, so changing one changes it (RP6). */
export function hashEnvironment(environment: EnvironmentInput): RecordedEnvironment {
  return { ...environment, hash: digestOf(environment) };
}
