import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { canonicalJson } from '../scorecards/canonical-json.ts';
import { hasErrors, inFileOrder, show } from '../scorecards/diagnostics/diagnostic.ts';
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
  /** Absolute: the scorecard's own file, or the policy when the scorecard stands in it. */
  readonly scorecardPath: string;
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
  const names = { scorecard: scorecardPath(first), sql: first.policy?.spec.data.pull?.sql };
  const scorecardFile = await readReferenced(folder, names.scorecard);
  const pullFile = await readReferenced(folder, names.sql);
  const own = textOf(scorecardFile);
  const read =
    own === undefined
      ? first
      : readPolicy(policyText, file, { presets, scorecard: { text: own, file: besides(file, names.scorecard) } });
  const missing = [
    ...missingFile(scorecardFile, 'spec.scorecard', names.scorecard),
    ...missingFile(pullFile, 'spec.data.pull.sql', names.sql),
  ].map((problem) => read.source.place(problem));
  const diagnostics = inFileOrder([...read.diagnostics, ...missing], file);
  const { policy, scorecard } = read;
  if (policy === undefined || scorecard === undefined || hasErrors(diagnostics)) return { diagnostics };
  const pullSql = textOf(pullFile);
  const scorecardText = own ?? presets[scorecard.spec.extends ?? ''] ?? '';
  const texts = { policyText, scorecardText, ...(pullSql === undefined ? {} : { pullSql }) };
  const resolution = resolvePolicy({ policy, source: read.source });
  const absolute = path.resolve(file);
  const places = { folder, path: absolute, scorecardPath: path.resolve(folder, names.scorecard ?? absolute) };
  return { loaded: { ...bind(resolution, scorecard), ...texts, ...places }, diagnostics };
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

type Referenced = { readonly text: string } | { readonly failure: string };

/** A file that a policy names; undefined when it names none. */
async function readReferenced(folder: string, name: string | undefined): Promise<Referenced | undefined> {
  if (name === undefined) return undefined;
  try {
    return { text: await readFile(path.resolve(folder, name), 'utf8') };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return { failure: code === 'ENOENT' ? 'there is no such file' : message };
  }
}

function textOf(read: Referenced | undefined): string | undefined {
  return read !== undefined && 'text' in read ? read.text : undefined;
}

function missingFile(read: Referenced | undefined, field: string, name: string | undefined): Problem[] {
  if (read === undefined || name === undefined || !('failure' in read)) return [];
  const preset = nearest(name, PRESET_NAMES);
  const help =
    preset === undefined ? 'paths are relative to the policy' : `for the preset write { extends: ${preset} }`;
  return [
    {
      code: 'US0110',
      severity: 'error',
      at: 'value',
      path: field.split('.'),
      message: `${show(name)}: ${read.failure}`,
      help,
    },
  ];
}

/** The scorecard's path as a person who named the policy would write it. */
function besides(file: string, name = ''): string {
  return path.isAbsolute(name) ? name : path.join(path.dirname(file), name);
}
