import type { Problem } from '../diagnostics/diagnostic.ts';
import { duplicates, problem } from './rule.ts';
import type { Written } from './rule.ts';
import { formatDuration } from './units.ts';

type Feature = NonNullable<Data['features']>[number];
type Bounds = Readonly<{ warn?: number | undefined; drift?: number | undefined }> | undefined;

/** Rules of `spec.drift`, for the whole policy and for each feature's own bounds. */
export function driftRules({ policy }: Written): Problem[] {
  const { drift, data } = policy.spec;
  const shared = [
    ...warnBelowDrift('spec.drift.psi', drift.psi, undefined),
    ...warnBelowDrift('spec.drift.ks', drift.ks, undefined),
  ];
  const perFeature = (data.features ?? []).flatMap((feature, index) => [
    ...warnBelowDrift(`spec.data.features[${index}].psi`, feature.psi, drift.psi),
    ...warnBelowDrift(`spec.data.features[${index}].ks`, feature.ks, drift.ks),
    ...OWN_ONLY.flatMap((metric) =>
      warnBelowDrift(`spec.data.features[${index}].${metric}`, feature[metric], undefined),
    ),
    ...orderRules(feature, `spec.data.features[${index}]`),
  ]);
  return [...shared, ...perFeature, ...windowRules(drift)];
}

/** Distances that the policy as a whole has no bounds for. */
const OWN_ONLY = ['cramersV', 'js', 'kl', 'hellinger', 'totalVariation', 'wasserstein'] as const;

/** What a feature does not set comes from the policy's bounds, so the pair that counts is the merged one. */
function warnBelowDrift(field: string, own: Bounds, fallback: Bounds): Problem[] {
  if (own === undefined) return [];
  const { warn, drift } = { ...fallback, ...own };
  if (warn === undefined || drift === undefined || warn < drift) return [];
  const place = own.drift === undefined ? `${field}.warn` : `${field}.drift`;
  return [problem('US0204', place, `warn ${warn} is not below drift ${drift}`, { help: 'set warn below drift' })];
}

/** Kolmogorov–Smirnov and Wasserstein compare cumulative shares, which categories do not have. */
function orderRules(feature: Feature, at: string): Problem[] {
  if (feature.type === 'continuous') return [];
  return (['ks', 'wasserstein'] as const).flatMap((metric) => {
    const index = feature.metrics?.indexOf(metric) ?? -1;
    if (index === -1 && feature[metric] === undefined) return [];
    const field = index === -1 ? `${at}.${metric}` : `${at}.metrics[${index}]`;
    const message = `feature "${feature.name}" is categorical, and ${metric} needs an order`;
    return [problem('US0227', field, message, { help: 'name psi, cramersV, js or kl' })];
  });
}

function windowRules(drift: Written['policy']['spec']['drift']): Problem[] {
  const problems: Problem[] = [];
  const { window, bucket, persistence } = drift;
  if (bucket <= 0 || window < bucket || window % bucket !== 0) {
    const whole = bucket > 0 ? Math.max(1, Math.round(window / bucket)) * bucket : window;
    problems.push(
      problem(
        'US0205',
        'spec.drift.window',
        `window ${formatDuration(window)} is not a whole number of ${formatDuration(bucket)} buckets`,
        { help: bucket > 0 ? `write ${formatDuration(whole)}` : 'set drift.bucket to 24h' },
      ),
    );
  }
  if (persistence.windows > persistence.of) {
    problems.push(
      problem(
        'US0206',
        'spec.drift.persistence.windows',
        `${persistence.windows} drifted windows of ${persistence.of} can never be reached`,
        { help: `write at most ${persistence.of}` },
      ),
    );
  }
  return problems;
}

/** Rules of `spec.dataset`: the spans fit into each other, and a column list covers every column with a role. */
export function datasetRules({ policy }: Written): Problem[] {
  const { dataset } = policy.spec;
  const problems: Problem[] = [];
  const [train, atLeast, holdout] = [dataset.train, dataset.atLeast, dataset.holdout].map(formatDuration);
  if (dataset.holdout >= dataset.atLeast) {
    const message = `holdout ${holdout} leaves nothing to train on when only atLeast ${atLeast} is there`;
    problems.push(problem('US0207', 'spec.dataset.holdout', message, { help: `set holdout below ${atLeast}` }));
  }
  if (dataset.atLeast > dataset.train) {
    const message = `atLeast ${atLeast} is more than train ${train} takes`;
    problems.push(problem('US0207', 'spec.dataset.atLeast', message, { help: `set atLeast to at most ${train}` }));
  }
  return [...problems, ...allowListRules(policy)];
}

function allowListRules(policy: Written['policy']): Problem[] {
  const { data, dataset } = policy.spec;
  if (dataset.columns === undefined) return [];
  const allowed = new Set([...dataset.columns, ...rolesOf(data).values()]);
  const uses = [
    ...(data.features ?? []).map(({ name }, index) => [`spec.data.features[${index}].name`, name] as const),
    ...data.slices.map((name, index) => [`spec.data.slices[${index}]`, name] as const),
    ...(dataset.hash ?? []).map((name, index) => [`spec.dataset.hash[${index}]`, name] as const),
    ...(data.clusterBy === null ? [] : [['spec.data.clusterBy', data.clusterBy] as const]),
  ];
  return uses
    .filter(([, name]) => !allowed.has(name))
    .map(([field, name]) =>
      problem('US0209', field, `column "${name}" is not in dataset.columns`, {
        help: 'add it to spec.dataset.columns',
      }),
    );
}

type Data = Written['policy']['spec']['data'];

/** Columns with a role, by the field that gives it. */
function rolesOf(data: Data): ReadonlyMap<string, string> {
  const roles: [string, string | undefined][] = [
    ['observations.time', data.observations.time],
    ['observations.id', data.observations.id],
    ['observations.score', data.observations.score],
    ['observations.modelVersion', data.observations.modelVersion],
    ['labels.id', data.labels.id],
    ['labels.label', data.labels.label],
    ['labels.availableAt', data.labels.availableAt],
    ['labels.surrogate', data.labels.surrogate],
  ];
  return new Map(roles.filter((entry): entry is [string, string] => entry[1] !== undefined));
}

/** Rules of `spec.data`: names are unique, no feature gives the answer away, and one way to pull. */
export function dataRules({ policy }: Written): Problem[] {
  const { data } = policy.spec;
  const names = (data.features ?? []).map(({ name }) => name);
  const answers = new Map([
    [data.labels.label, 'data.labels.label'],
    [data.labels.availableAt, 'data.labels.availableAt'],
    ...(data.labels.surrogate === undefined ? [] : [[data.labels.surrogate, 'data.labels.surrogate'] as const]),
  ]);
  const leaks = names.flatMap((name, index) => {
    const role = answers.get(name);
    const field = `spec.data.features[${index}].name`;
    return role === undefined ? [] : [problem('US0225', field, `feature "${name}" is ${role}`, { help: 'remove it' })];
  });
  return [
    ...duplicates('spec.data.features', names),
    ...duplicates('spec.data.slices', data.slices, ''),
    ...leaks,
    ...pullRules(data),
  ];
}

function pullRules(data: Data): Problem[] {
  const { pull } = data;
  if (pull === undefined) return [];
  const ways = [pull.sql, pull.command].filter((way) => way !== undefined).length;
  if (ways !== 1) {
    const message = `data.pull has ${ways === 0 ? 'neither sql nor command' : 'both sql and command'}`;
    return [problem('US0226', 'spec.data.pull', message, { at: 'key', help: 'keep exactly one of sql and command' })];
  }
  const written = pull.command === undefined ? ['observations' as const] : (['observations', 'labels'] as const);
  const remote = written.find((part) => data[part].path.startsWith('s3://'));
  if (remote !== undefined) {
    const message = `data.pull writes files of this machine, and the ${remote} are objects`;
    const help = `make ${remote}.path a folder, or leave the pull out`;
    return [problem('US0226', 'spec.data.pull', message, { at: 'key', help })];
  }
  if (pull.image === undefined) return [];
  const field = 'spec.data.pull.image';
  if (pull.command === undefined)
    return [problem('US0226', field, 'an image is run with a command, not with sql', { at: 'key' })];
  if (/@sha256:[0-9a-f]{64}$/.test(pull.image)) return [];
  return [problem('US0217', field, 'an image must be pinned by its digest', { help: 'write image: name@sha256:…' })];
}
