import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { generatedFrom, table } from './markdown.ts';
import type { Page } from './markdown.ts';

/** The capabilities that this version promises, by the id with which the title of a proving test begins. */
export const CAPABILITIES: Readonly<Record<string, string>> = {
  N1: 'PSI drifts from 0.2, warns from 0.1',
  N2: 'drift windows of 7 days against the champion’s training data',
  N3: 'buckets of 24 h; windows of 7 and 9 days',
  N4: 'PSI for categories, KS for numbers; JS and KL beside them',
  N5: 'the canary begins at 5 %, never above 10 % without a stated reason',
  N6: 'a soak of 24 h before the pointer moves',
  N11: 'an example policy with the interactive service levels',
  N12: 'better AUC with a slower tail, or with a collapsed slice, is rejected',
  N14: 'cooldown and limit of trainings per week',
  TR1: 'one door for schedule, alert and person, which always answers',
  TR3: 'every trigger ends in one recorded decision',
  TR8: 'pause and resume',
  DA1: 'data, training, evaluation and promotion as one durable workflow',
  DA2: 'a dataset is named by a digest of its exact files',
  DA6: 'where the data came from is in the record',
  TN1: 'one contract for trainers, in both modes',
  TN2: 'a training Job on Kubernetes: created once, adopted, explained, gone',
  TN3: 'a preempted trainer goes on from its checkpoint, free of charge',
  TN4: 'any framework: no model library, no model in our process',
  TN5: 'training code is run as it is: told by one file, never rewritten',
  TN6: 'parameters and seed are recorded as they were handed over',
  TN7: 'deadlines and budgets end a training, with its reason',
  RP1: 'without the four fields no version is registered',
  RP4: 'the digest of the lockfile is in the record',
  RP5: 'an artifact that changed is found before it gets traffic',
  RP6: 'the environment hash covers what the result depends on',
  RG1: 'the registry maps a version to the run that made it',
  RG2: 'no alias moves without a sign-off; one moved by others is found',
  RG3: 'from a version its tags lead to all evidence',
  EV1: 'four groups of criteria, all must pass, missing is not passing',
  EV2: 'a scorecard is signed off and bound by its digest',
  EV4: 'champion and challenger are judged on the same rows',
  AP1: 'a person decides, by signal or by update',
  AP3: 'an approval names one candidate and one scorecard',
  AP4: 'silence is a recorded reject',
  CA5: 'the same stages here and on a cluster',
  CA6: 'steps and soak are never left early or without evidence',
  PR1: 'promotion is one pointer, moved by expected version and read back',
  PR2: 'no pointer moves without scorecard and approval of these digests',
  RB1: 'a rollback starts and builds nothing',
  CO1: 'what a training cost, by run, team and model',
  CO2: 'a run that would cost too much is refused or asked about',
  CO4: 'advice on what to ask for, from what was used',
  SE5: 'pods are restricted, and the worker may do what it needs only',
  GV8: 'every model has an owner',
};

/** A test whose title begins with ids, such as `N1: …` or `N1, N2: …`. */
export interface Proof {
  readonly ids: readonly string[];
  readonly title: string;
  /** Relative to the root of the repository. */
  readonly file: string;
}

const TITLE = /(['"`])((?:N|[A-Z]{2})\d{1,2}(?:, (?:N|[A-Z]{2})\d{1,2})*): ((?:\\.|(?!\1).)+)\1/g;

/** Every title of that form in one source file. */
export function proofsIn(file: string, source: string): Proof[] {
  return [...source.matchAll(TITLE)].map(([, , ids = '', title = '']) => ({
    ids: ids.split(', '),
    title: title.replaceAll(/\\(.)/g, '$1'),
    file,
  }));
}

/** Every such title below `test/`, in the order of the files. */
export function findProofs(root: string): Proof[] {
  const files = readdirSync(path.join(root, 'test'), { recursive: true, encoding: 'utf8' });
  return files
    .filter((name) => name.endsWith('.ts') && !name.startsWith('docs'))
    .map((name) => path.posix.join('test', name.split(path.sep).join('/')))
    .toSorted()
    .flatMap((file) => proofsIn(file, readFileSync(path.join(root, file), 'utf8')));
}

const INTRODUCTION = `# Coverage

Which tests prove which capability. The title of a test that proves one begins with its id; this page is made from those
titles. \`npm test\` runs them all but those of \`test/cluster/\`, which need a node: \`npm run test:cluster\`. Contract suites
(\`test/contracts/\`) are run once for each adapter and once for the in-memory stand-in of its port.`;

/** Each promised capability with its tests; one without any is said to be missing. */
export function coveragePage(proofs: readonly Proof[]): Page {
  const promised = Object.entries(CAPABILITIES).map(([id, about]) => [id, about, linksOf(id, proofs)]);
  const others = [...new Set(proofs.flatMap((proof) => proof.ids))]
    .filter((id) => !(id in CAPABILITIES))
    .toSorted(byId);
  const beyond = others.map((id) => [id, linksOf(id, proofs)]);
  const parts = [
    generatedFrom('the titles of the tests'),
    INTRODUCTION,
    table(['id', 'capability', 'tests'], promised),
    '## Parts of later capabilities',
    table(['id', 'tests'], beyond),
  ];
  return { path: 'docs/coverage.md', text: `${parts.join('\n\n')}\n` };
}

function linksOf(id: string, proofs: readonly Proof[]): string {
  const files = new Set(proofs.filter(({ ids }) => ids.includes(id)).map(({ file }) => file));
  const links = [...files].map((file) => `[${file.replace('test/', '')}](../${file})`);
  return links.length === 0 ? '**missing**' : links.join(', ');
}

/** N2 before N10, and all of one kind together. */
function byId(one: string, other: string): number {
  const [a, b] = [one, other].map((id) => /^([A-Z]+)(\d+)$/.exec(id));
  return (a?.[1] ?? '').localeCompare(b?.[1] ?? '') || Number(a?.[2]) - Number(b?.[2]);
}
