import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { canonicalJson } from '../scorecards/canonical-json.ts';
import { hasErrors } from '../scorecards/diagnostics/diagnostic.ts';
import type { Diagnostic, Problem } from '../scorecards/diagnostics/diagnostic.ts';
import { readPolicy } from '../scorecards/diagnostics/read.ts';
import type { ReadPolicy } from '../scorecards/diagnostics/read.ts';
import type { PresetTexts } from '../scorecards/diagnostics/read-scorecard.ts';
import { nearest } from '../scorecards/diagnostics/suggest.ts';
import { resolvePolicy } from '../scorecards/policy/resolve.ts';
import type { Resolution, ResolvedPolicy } from '../scorecards/policy/resolve.ts';
import { PRESET_NAMES } from '../scorecards/scorecard-preset.ts';
import type { Scorecard } from '../scorecards/scorecard-schema.ts';
import { packageFolder } from './package-folder.ts';

/** A policy with everything it refers to, ready to run. */
export interface PolicyFile {
  readonly policy: ResolvedPolicy;
  readonly scorecard: Scorecard;
  /** Text of the query that `spec.data.pull.sql` names. */
  readonly pullSql?: string;
  /** Folder of the policy; relative paths in it resolve against this one. */
  readonly folder: string;
  /** Absolute. */
  readonly path: string;
  readonly policyText: string;
  /** Of the scorecard's own file, or of the preset that is extended in place. */
  readonly scorecardText: string;
  /** SHA-256, hex, of the canonical JSON of the resolved values. */
  readonly digests: { readonly policy: string; readonly scorecard: string };
  readonly origins: Resolution['origins'];
  readonly tier: Resolution['tier'];
}

export interface LoadedPolicy {
  /** Absent when a diagnostic is an error. */
  readonly loaded?: PolicyFile;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads a policy, its scorecard and its query from disk and finds everything that is wrong with them. Throws only when the
 * policy file itself cannot be read.
 */
export async function loadPolicyFile(file: string): Promise<LoadedPolicy> {
  const folder = path.dirname(path.resolve(file));
  const policyText = await readFile(file, 'utf8');
  const presets = await readPresets();
  const first = readPolicy(policyText, file, { presets });
  const name = scorecardPath(first);
  const scorecardFile = await readReferenced(folder, name);
  const pullFile = await readReferenced(folder, first.policy?.spec.data.pull?.sql);
  const isOwn = typeof scorecardFile === 'string';
  const read = isOwn
    ? readPolicy(policyText, file, { presets, scorecard: { text: scorecardFile, file: besides(file, name) } })
    : first;
  const missing = [
    ...missingFile(scorecardFile, first, 'spec.scorecard'),
    ...missingFile(pullFile, first, 'spec.data.pull.sql'),
  ].map((problem) => read.source.place(problem));
  const diagnostics = [...read.diagnostics, ...missing];
  const { policy, scorecard } = read;
  if (policy === undefined || scorecard === undefined || hasErrors(diagnostics)) return { diagnostics };
  const scorecardText = isOwn ? scorecardFile : (presets[scorecard.spec.extends ?? ''] ?? '');
  const texts = { policyText, scorecardText, ...(typeof pullFile === 'string' ? { pullSql: pullFile } : {}) };
  const resolution = resolvePolicy({ policy, source: read.source });
  return { loaded: { ...bind(resolution, scorecard), ...texts, folder, path: path.resolve(file) }, diagnostics };
}

function bind(
  resolution: Resolution,
  scorecard: Scorecard,
): Pick<PolicyFile, 'policy' | 'scorecard' | 'origins' | 'tier' | 'digests'> {
  const digests = { policy: digestOf(resolution.policy), scorecard: digestOf(scorecard) };
  return { ...resolution, scorecard, digests };
}

/** SHA-256, hex, of a value's canonical JSON. */
export function digestOf(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex');
}

/** The texts of `scorecards/presets/`, by name. */
export async function readPresets(): Promise<PresetTexts> {
  const folder = packageFolder('scorecards/presets');
  const texts = PRESET_NAMES.map(
    async (name) => [name, await readFile(path.join(folder, `${name}.yaml`), 'utf8')] as const,
  );
  return Object.fromEntries(await Promise.all(texts));
}

function scorecardPath({ policy }: ReadPolicy): string | undefined {
  const written = policy?.spec.scorecard;
  return typeof written === 'string' ? written : undefined;
}

/** The text of a file a policy names; the error when it cannot be read; undefined when it names none. */
async function readReferenced(
  folder: string,
  name: string | undefined,
): Promise<string | NodeJS.ErrnoException | undefined> {
  if (name === undefined) return undefined;
  try {
    return await readFile(path.resolve(folder, name), 'utf8');
  } catch (error) {
    return error as NodeJS.ErrnoException;
  }
}

function missingFile(read: unknown, { policy }: ReadPolicy, field: string): Problem[] {
  if (!(read instanceof Error) || policy === undefined) return [];
  const fieldPath = field.split('.');
  const name = String(fieldPath.reduce<unknown>((at, step) => (at as Record<string, unknown>)[step], policy));
  const preset = nearest(name, PRESET_NAMES);
  const reason = 'code' in read && read.code === 'ENOENT' ? 'there is no such file' : read.message;
  const help =
    preset === undefined ? 'paths are relative to the policy' : `for the preset write { extends: ${preset} }`;
  return [{ code: 'US0110', severity: 'error', at: 'value', path: fieldPath, message: `"${name}": ${reason}`, help }];
}

/** The scorecard's path as a person who named the policy would write it. */
function besides(file: string, name = ''): string {
  return path.isAbsolute(name) ? name : path.join(path.dirname(file), name);
}
