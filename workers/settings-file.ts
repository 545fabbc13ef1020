import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'yaml';
import { settingsSchema, type Settings } from '../scorecards/settings.ts';

export interface SettingsFile {
  readonly settings: Settings;
  /** Absolute; `undefined` when there is no file and all is default. */
  readonly file?: string;
  /** Absolute; `settings.state` against the folder of the file. */
  readonly stateDir: string;
}

/** `understudy.config.yaml` is wrong or cannot be read: exit code 78. */
export class SettingsFailure extends Error {
  override readonly name = 'SettingsFailure';
  readonly exitCode = 78;
}

const defaultName = 'understudy.config.yaml';

/**
 * Reads the operator's settings from `file`, else from `understudy.config.yaml` in the current folder if there is one.
 * Throws SettingsFailure that names every wrong field.
 */
export async function loadSettings(file?: string): Promise<SettingsFile> {
  const absolute = path.resolve(file ?? defaultName);
  const text = await readFile(absolute, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (file === undefined && cause.code === 'ENOENT') return undefined;
    throw new SettingsFailure(`cannot read the settings ${file ?? defaultName}: ${cause.message}`, { cause });
  });
  const settings = check(text === undefined ? {} : parseYaml(text, absolute), absolute);
  const stateDir = path.resolve(path.dirname(absolute), settings.state);
  return text === undefined ? { settings, stateDir } : { settings, stateDir, file: absolute };
}

function parseYaml(text: string, file: string): unknown {
  try {
    return parse(text) ?? {};
  } catch (cause) {
    throw new SettingsFailure(`${file} is not YAML: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
}

function check(value: unknown, file: string): Settings {
  const result = settingsSchema.safeParse(value);
  if (result.success) return result.data;
  const wrong = result.error.issues.map((issue) => `  ${issue.path.join('.') || '(the whole file)'}: ${issue.message}`);
  throw new SettingsFailure(`${file} has wrong settings:\n${wrong.join('\n')}`);
}
