import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline/promises';
import { inferFeatures, inferRoles, kindOf, writeFirstPolicy } from '../scorecards/policy/infer.ts';
import type { Column, Guess, Role } from '../scorecards/policy/infer.ts';
import { readPolicy } from '../scorecards/diagnostics/read.ts';
import { hasErrors } from '../scorecards/diagnostics/diagnostic.ts';
import type { ReadColumns } from './commands/init.ts';
import { renderDiagnostics } from './render-diagnostics.ts';

const SCHEMA = 'https://unpkg.com/understudy-retraining/dist/scorecards/schemas/policy.json';

export interface InitOptions {
  readonly data: string;
  readonly train: string;
  readonly labels?: string;
  readonly name?: string;
  readonly owner?: string;
  readonly time?: string;
  readonly id?: string;
  readonly label?: string;
  readonly availableAt?: string;
  readonly score?: string;
  readonly modelVersion?: string;
  readonly preset?: string;
  readonly file: string;
  readonly schema?: string;
  readonly yes?: true;
  readonly force?: true;
}

export type InitResult =
  | { readonly ok: true; readonly message: string }
  | { readonly ok: false; readonly message: string; readonly exitCode: number };

interface Question {
  readonly what: string;
  readonly flag: string;
  readonly suggestion?: string;
  readonly candidates: readonly string[];
}

type Ask = (question: Question) => Promise<string>;

/** Guesses, asks for the rest, checks the outcome and writes it. */
export async function init(options: InitOptions, readColumns: ReadColumns): Promise<InitResult> {
  try {
    return await initWith(options, readColumns);
  } catch (error) {
    if (error instanceof Unanswered) return { ok: false, exitCode: 2, message: error.message };
    throw error;
  }
}

async function initWith(options: InitOptions, readColumns: ReadColumns): Promise<InitResult> {
  const labelGlob = options.labels ?? options.data;
  const observations = await columnsOf(options.data, '--data', readColumns);
  const labels = labelGlob === options.data ? observations : await columnsOf(labelGlob, '--labels', readColumns);
  const isAttended = process.stdin.isTTY && options.yes === undefined;
  const { ask, close } = isAttended ? openTerminal() : { ask: unanswered, close: () => undefined };
  try {
    const columns = await chooseColumns(options, { observations, labels }, ask);
    const text = writeFirstPolicy({
      name: options.name ?? folderName(),
      owner: options.owner ?? (await ask(OWNER)),
      data: options.data,
      labels: labelGlob,
      train: words(options.train),
      preset: options.preset ?? presetFor(labels, columns.label),
      columns,
      schema: options.schema ?? SCHEMA,
    });
    return await checkAndWrite(text, options, summary(observations, labels, columns));
  } finally {
    close();
  }
}

async function columnsOf(glob: string, flag: string, readColumns: ReadColumns): Promise<readonly Column[]> {
  const columns = await readColumns(glob);
  if (columns.length === 0) throw new Unanswered(`no Parquet file matches ${flag} ${glob}`);
  return columns;
}

const OWNER: Question = { what: 'Who answers for the model?', flag: '--owner', candidates: [] };
const REQUIRED: Readonly<Partial<Record<Role, readonly [what: string, flag: string]>>> = {
  id: ['Which column joins observations and labels?', '--id'],
  time: ['Which column says when the model was asked?', '--time'],
  label: ['Which column is the truth?', '--label'],
  availableAt: ['Which column says when the label was known?', '--available-at'],
};

type Sides = Readonly<Record<'observations' | 'labels', readonly Column[]>>;
type Chosen = Readonly<Partial<Record<Role, string>>>;

async function chooseColumns(options: InitOptions, { observations, labels }: Sides, ask: Ask): Promise<Chosen> {
  const guesses = inferRoles(observations, labels);
  const chosen: Partial<Record<Role, string>> = {};
  for (const [role, guess] of Object.entries(guesses) as [Role, Guess][]) {
    const side = role === 'label' || role === 'availableAt' ? labels : observations;
    const column = checked(options[role], role, side) ?? guess.column;
    const required = REQUIRED[role];
    if (column !== undefined) chosen[role] = column;
    else if (required !== undefined) {
      const [what, flag] = required;
      chosen[role] = checked(await ask({ what, flag, candidates: guess.candidates }), role, side) ?? '';
    }
  }
  return chosen;
}

function checked(name: string | undefined, role: string, columns: readonly Column[]): string | undefined {
  if (name === undefined || columns.some((column) => column.name === name)) return name;
  const known = columns.map((column) => column.name).join(', ');
  throw new Unanswered(`there is no column "${name}" for ${role}; the files have ${known}`);
}

class Unanswered extends Error {}

function unanswered({ what, flag, candidates }: Question): Promise<string> {
  const likely = candidates.length === 0 ? '' : ` (likely ${candidates.slice(0, 4).join(', ')})`;
  return Promise.reject(new Unanswered(`${what} Answer with ${flag}${likely}; there is no terminal to ask on`));
}

function openTerminal(): { readonly ask: Ask; readonly close: () => void } {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const ask: Ask = async ({ what, candidates }) => {
    const likely = candidates.length === 0 ? '' : ` [${candidates.slice(0, 6).join(', ')}]`;
    for (;;) {
      const answer = (await lines.question(`${what}${likely} `)).trim();
      if (answer !== '') return answer;
    }
  };
  return { ask, close: () => lines.close() };
}

/** The folder as a model's name: lower case, anything else becomes a dash. */
function folderName(): string {
  const name = path
    .basename(process.cwd())
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-');
  return name.slice(0, 40).replaceAll(/^-+|-+$/g, '') || 'model';
}

/** Splits a command line at blanks; quotes keep words together. */
function words(command: string): string[] {
  return [...command.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, plain]) => double ?? single ?? plain ?? '',
  );
}

/** A fractional label is an amount; everything else is a class. */
function presetFor(labels: readonly Column[], label: string | undefined): string {
  const type = labels.find(({ name }) => name === label)?.type ?? '';
  return /^(FLOAT|DOUBLE|REAL|DECIMAL)/i.test(type) ? 'regression' : 'classification';
}

function summary(observations: readonly Column[], labels: readonly Column[], columns: Chosen): string {
  const taken = new Set([
    ...Object.values(columns),
    ...labels.filter((one) => kindOf(one.type) === 'time').map(({ name }) => name),
  ]);
  const features = inferFeatures(observations, taken);
  const continuous = features.filter(({ type }) => type === 'continuous').length;
  return `${features.length} features: ${continuous} continuous, ${features.length - continuous} categorical`;
}

function refused(message: string): InitResult {
  return { ok: false, exitCode: 2, message };
}

async function checkAndWrite(text: string, { file, force }: InitOptions, about: string): Promise<InitResult> {
  const { diagnostics } = readPolicy(text, file);
  if (hasErrors(diagnostics)) {
    return {
      ok: false,
      exitCode: 3,
      message: `the answers make no valid policy\n${renderDiagnostics(diagnostics, { color: false })}`,
    };
  }
  try {
    await writeFile(file, text, { flag: force === true ? 'w' : 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return refused(`${file} exists; --force overwrites it`);
    throw error;
  }
  return { ok: true, message: `wrote ${file} (${about})\nnext: understudy lint -f ${file}\n` };
}
