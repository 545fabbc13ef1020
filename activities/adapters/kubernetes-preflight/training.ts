import { stringify } from 'yaml';
import type { Policy } from '../../../scorecards/policy/schema.ts';
import type { PreflightFinding } from '../../ports/preflight.ts';
import type { PlatformTemplate } from '../kubernetes-training/manifest-platform.ts';
import type { PreflightApi } from './api.ts';
import { demandOf, whyNoNode, whyOverQuota } from './capacity.ts';
import { lookAtRights } from './rights.ts';
import type { RightsQuestion, ShippedRole } from './rights.ts';
import { judgeTrial, pullTrialsOf, trialsOf } from './trial.ts';
import type { Trial } from './trial.ts';

export interface TrainingPlace {
  readonly api: PreflightApi;
  readonly platform: PlatformTemplate;
  /** As whom the server knows us. */
  readonly user: string;
  /** What the shipped manifests say that trainings need. */
  readonly role: ShippedRole | undefined;
}

/** What trainings need of the cluster. Throws PortFailure when the server does not answer. */
export async function lookAtTraining(place: TrainingPlace, policy?: Policy): Promise<readonly PreflightFinding[]> {
  const { api, platform } = place;
  const rights = await trainingRights(place, policy);
  const create = { group: 'batch', resource: 'jobs', verb: 'create', namespace: platform.namespace };
  // What we may not do cannot be tried either, and is said already.
  if (!(await api.may(create))) return [rights];
  const [trials, pulls] = [trialsOf(platform, policy), pullTrialsOf(platform, policy)];
  const judge = async (some: readonly Trial[]) => Promise.all(some.map(async (trial) => await judgeTrial(api, trial)));
  // A pull asks for less than the training of the same policy: room for that one is room for this one.
  const capacity = policy === undefined ? [] : await lookAtCapacity(place, trials.length > 0 ? trials : pulls);
  return [rights, ...bestOf(await judge(trials)), ...(await judge(pulls)), ...capacity];
}

async function trainingRights(
  { api, platform, role, user }: TrainingPlace,
  policy?: Policy,
): Promise<PreflightFinding> {
  const { namespace } = platform;
  const training = policy?.spec.training;
  const optional: RightsQuestion['optional'] = ({ resource }) => {
    if (resource === 'services') return { needed: (training?.nodes ?? 1) > 1, for: 'Jobs of several nodes' };
    if (resource !== 'workloads') return undefined;
    return { needed: (platform.queue ?? training?.queue) !== undefined, for: 'queues of Kueue' };
  };
  return await lookAtRights(api, { role, namespace, user, optional });
}

/** Several kinds of accelerators would do: one that is taken is enough, and what is wrong with the others is a warning. */
function bestOf(findings: readonly PreflightFinding[]): PreflightFinding[] {
  const unlike = findings.filter(({ text }, index) => findings.findIndex((one) => one.text === text) === index);
  const someWell = unlike.some(({ state }) => state !== 'problem');
  return unlike.map((one) => (someWell && one.state === 'problem' ? { ...one, state: 'warning' } : one));
}

async function lookAtCapacity(place: TrainingPlace, trials: readonly Trial[]): Promise<PreflightFinding[]> {
  const written = trials.flatMap((trial) => ('job' in trial ? [trial] : []));
  const [nodes, quotas] = [await nodesOf(place), await quotasOf(place)];
  const findings = written.map((trial): PreflightFinding | undefined => {
    const over = whyOverQuota(quotas, demandOf(trial.pod), trial.nodes);
    if (over !== undefined) {
      const next = 'ask for less in spec.training.resources, or have the quota raised';
      return { name: 'capacity', state: 'problem', text: `${trial.what} can never run: ${over}`, next };
    }
    return nodes === undefined ? unseen(trial, place) : fitting(trial, whyNoNode(nodes, trial.pod), place.platform);
  });
  return bestOf(findings.filter((one) => one !== undefined));
}

function fitting(
  { what }: Extract<Trial, { job: unknown }>,
  why: string | undefined,
  { nodesOnDemand }: PlatformTemplate,
): PreflightFinding {
  if (why === undefined) return { name: 'capacity', state: 'ok', text: `a node can run ${what}` };
  if (nodesOnDemand) {
    const text = `${what} waits until a node is added for it: ${why}`;
    return { name: 'capacity', state: 'warning', text };
  }
  const next =
    'ask for what there is in spec.training.resources; where nodes are added on demand, say so in the platform ' +
    'template:\nnodesOnDemand: true';
  return { name: 'capacity', state: 'problem', text: `${what} can never run: ${why}`, next };
}

/** Only an accelerator is worth a word: nearly every cluster has room for a trainer without. */
function unseen(
  { gpu, what }: Extract<Trial, { job: unknown }>,
  { user }: TrainingPlace,
): PreflightFinding | undefined {
  if (!gpu) return undefined;
  const role = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: 'understudy-nodes' },
    rules: [{ apiGroups: [''], resources: ['nodes'], verbs: ['list'] }],
  };
  return {
    name: 'capacity',
    state: 'warning',
    text: `not checked: whether a node can run ${what}; ${user} may not list nodes`,
    next: `to have it checked, grant this once by a ClusterRoleBinding:\n${stringify(role, { lineWidth: 0 }).trimEnd()}`,
  };
}

async function nodesOf({ api }: TrainingPlace) {
  return (await api.may({ group: '', resource: 'nodes', verb: 'list' })) ? await api.nodes() : undefined;
}

async function quotasOf({ api, platform: { namespace } }: TrainingPlace) {
  const may = await api.may({ group: '', resource: 'resourcequotas', verb: 'list', namespace });
  return may ? await api.quotas(namespace) : [];
}
