/** A column as DuckDB describes it. */
export interface Column {
  readonly name: string;
  /** DuckDB's name of the type: `DOUBLE`, `VARCHAR`, `TIMESTAMP`, `ENUM('a', 'b')`. */
  readonly type: string;
}

export const ROLES = ['time', 'id', 'label', 'availableAt', 'score', 'modelVersion'] as const;
export type Role = (typeof ROLES)[number];

export interface Guess {
  /** Absent when no column, or more than one, looks like it. */
  readonly column?: string;
  /** Columns whose type would do, likeliest first. */
  readonly candidates: readonly string[];
}

export type Kind = 'continuous' | 'categorical' | 'time' | 'other';

/** What a column of this type can be compared as. */
export function kindOf(type: string): Kind {
  const base = type.toUpperCase();
  if (/^(TIMESTAMP|DATE)/.test(base)) return 'time';
  if (/\[|^(STRUCT|MAP|LIST|UNION)/.test(base)) return 'other';
  if (/^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE|REAL|DECIMAL)/.test(base)) return 'continuous';
  return /^(VARCHAR|BOOLEAN|ENUM|UUID)/.test(base) ? 'categorical' : 'other';
}

interface Look {
  readonly fits: (column: Column) => boolean;
  /** Usual names, likeliest first. */
  readonly names: readonly RegExp[];
  /** Whether a single fitting column is taken whatever its name. */
  readonly takesTheOnlyOne: boolean;
}

const LOOKS: Readonly<Record<Role, Look>> = {
  time: {
    fits: ({ type }) => kindOf(type) === 'time',
    names: [
      /^(observed|event|request|scored|predicted)_?(at|time|ts)$/,
      /^(time|timestamp|ts|at)$/,
      /^(date|day)$/,
      /^created_at$/,
    ],
    takesTheOnlyOne: true,
  },
  id: {
    fits: ({ type }) =>
      ['continuous', 'categorical'].includes(kindOf(type)) && !/^(FLOAT|DOUBLE|REAL|BOOL)/i.test(type),
    names: [
      /^id$/,
      /^(row|request|event|entity|observation)_?id$/,
      /_id$|[a-z]Id$/,
      /^(key|uuid|customer|user|order|flight)$/,
    ],
    takesTheOnlyOne: false,
  },
  label: {
    fits: ({ type }) => ['continuous', 'categorical'].includes(kindOf(type)),
    names: [/^(label|target|y|outcome|truth|actual)$/, /_?(label|target|outcome)$/, /^(is|was|has)_/],
    takesTheOnlyOne: true,
  },
  availableAt: {
    fits: ({ type }) => kindOf(type) === 'time',
    names: [/^(available|known|labell?ed|matured|landed|resolved|settled)_?(at|time|ts)?$/, /_(available|known)_at$/],
    takesTheOnlyOne: true,
  },
  score: {
    fits: ({ type }) => /^(FLOAT|DOUBLE|REAL|DECIMAL)/i.test(type),
    names: [/^(score|probability|prediction|p)$/, /_score$/],
    takesTheOnlyOne: false,
  },
  modelVersion: {
    fits: ({ type }) => ['continuous', 'categorical'].includes(kindOf(type)),
    names: [/^model_?version$/i, /^version$/],
    takesTheOnlyOne: false,
  },
};

/**
 * Guesses which column plays which part, from names and types alone. `labels` are the columns of the label files; where
 * labels stand beside the observations, pass the same list.
 */
export function inferRoles(observations: readonly Column[], labels: readonly Column[]): Readonly<Record<Role, Guess>> {
  const shared = observations.filter(({ name }) => labels.some((other) => other.name === name));
  const isSeparate = shared.length < labels.length || shared.length < observations.length;
  const taken = new Set<string>();
  const guess = (role: Role, columns: readonly Column[]): Guess => {
    const found = guessOne(
      LOOKS[role],
      columns.filter(({ name }) => !taken.has(name)),
    );
    if (found.column !== undefined) taken.add(found.column);
    return found;
  };
  const id = guess('id', shared.length > 0 ? shared : observations);
  // The name says more about a label's time than about a row's, so it is asked for first.
  const availableAt = guess('availableAt', labels);
  if (!isSeparate || availableAt.column !== undefined) taken.add(availableAt.column ?? '');
  const time = guess('time', observations);
  const score = guess('score', observations);
  const modelVersion = guess('modelVersion', observations);
  const label = guess('label', isSeparate ? labels.filter((column) => !shared.includes(column)) : labels);
  return { id, time, label, availableAt, score, modelVersion };
}

function guessOne({ fits, names, takesTheOnlyOne }: Look, columns: readonly Column[]): Guess {
  const fitting = columns.filter(fits).map(({ name }) => name);
  const rank = (name: string): number => {
    const index = names.findIndex((pattern) => pattern.test(name.toLowerCase()) || pattern.test(name));
    return index === -1 ? names.length : index;
  };
  const candidates = fitting.toSorted((a, b) => rank(a) - rank(b));
  const [best, next] = candidates;
  if (best === undefined) return { candidates };
  const isNamed = rank(best) < names.length && (next === undefined || rank(next) > rank(best));
  const isOnly = takesTheOnlyOne && next === undefined;
  return isNamed || isOnly ? { column: best, candidates } : { candidates };
}

/** The features a policy without `data.features` has: every column without a part to play whose type can be compared. */
export function inferFeatures(
  columns: readonly Column[],
  taken: ReadonlySet<string>,
): readonly { readonly name: string; readonly type: 'continuous' | 'categorical' }[] {
  return columns.flatMap(({ name, type }) => {
    const kind = kindOf(type);
    return taken.has(name) || kind === 'time' || kind === 'other' ? [] : [{ name, type: kind }];
  });
}

export interface FirstPolicy {
  readonly name: string;
  readonly owner: string;
  readonly data: string;
  readonly labels: string;
  readonly train: readonly string[];
  readonly preset: string;
  readonly columns: Readonly<Partial<Record<Role, string>>>;
  /** Address of the JSON Schema, for editors. */
  readonly schema: string;
}

/** The text of a first policy, under 15 lines. All else has defaults. */
export function writeFirstPolicy({ name, owner, data, labels, train, preset, columns, schema }: FirstPolicy): string {
  const { time, id, label, availableAt, score, modelVersion } = columns;
  return `# yaml-language-server: $schema=${schema}
apiVersion: understudy/v1
kind: ModelPolicy
metadata: ${group({ name, owner })}
spec:
  data:
    observations: ${group({ path: data, time, id, score, modelVersion })}
    labels: ${group({ path: labels, id, label, availableAt })}
  triggers: { check: "0 6 * * *" } # every day at six, UTC
  training: { command: ${JSON.stringify(train).replaceAll('","', '", "')} }
  scorecard: { extends: ${preset} } # what is judged: understudy explain spec.scorecard
`;
}

function group(fields: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(fields).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return `{ ${given.map(([name, value]) => `${name}: ${scalar(value)}`).join(', ')} }`;
}

/** Plain where YAML reads it back as the same text, else in quotes. */
function scalar(text: string): string {
  const isPlain = /^[A-Za-z./][\w./@+=*-]*$/.test(text) && !/^(true|false|null|yes|no|on|off|y|n)$/i.test(text);
  return isPlain ? text : JSON.stringify(text);
}
