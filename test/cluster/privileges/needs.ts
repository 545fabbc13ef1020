import { SERVER } from './everything.ts';
import type { TrainingJob } from '../../../activities/ports/training-backend.ts';
import { NOWHERE, ROUTE } from './shipped-world.ts';
import type { ShippedWorld } from './shipped-world.ts';

/** An operation of the product that cannot do without a verb. */
export interface Need {
  readonly operation: string;
  /** `name` is a job's that nobody else has. */
  readonly act: (world: ShippedWorld, name: string) => Promise<unknown>;
}

/** No node will ever take its pods: what the API server does is real, and nothing runs that would have to be ended. */
function pending(job: ShippedWorld['job'], name: string, more: Parameters<ShippedWorld['job']>[2] = {}): TrainingJob {
  return job(name, 'true', { gpu: NOWHERE, ...more });
}

const submit: Need = {
  operation: 'submitting a training',
  act: async ({ training, job }, name) => await training.submit(pending(job, name)),
};
const look: Need = {
  operation: 'looking at a training',
  act: async ({ training, job }, name) => {
    await training.submit(pending(job, name));
    await training.inspect(name);
  },
};
const removeTraining: Need = {
  operation: 'removing a training',
  act: async ({ training, job }, name) => {
    await training.submit(pending(job, name));
    await training.remove(name);
  },
};
const writeRoute: Need = {
  operation: 'writing a route',
  act: async ({ dedicated, route }) => await dedicated().apply(route(5)),
};
const mirror: Need = {
  operation: 'mirroring traffic',
  act: async ({ dedicated, route, shadow }) => {
    await dedicated().apply(route(0));
    await dedicated().apply(route(0, { shadow }));
  },
};
const removeRoute: Need = {
  operation: 'removing a route',
  act: async ({ dedicated, route }) => {
    await dedicated().apply(route(0));
    await dedicated().remove(ROUTE);
  },
};

const startServer: Need = {
  operation: 'starting a server',
  act: async ({ servers, server }, name) => await servers.ensure(server(name, SERVER)),
};
const findServer: Need = {
  operation: 'finding a server',
  act: async ({ servers }, name) => await servers.find('flights', name),
};
const stopServer: Need = {
  operation: 'stopping a server',
  act: async ({ servers }, name) => await servers.stop('flights', name),
};

/** By what a rule grants: `role: verb resource`, with a name where the rule goes by name. Nothing may be granted that is not here. */
export const NEEDS: Readonly<Record<string, Need>> = {
  'understudy-train: create jobs': submit,
  'understudy-train: get jobs': look,
  'understudy-train: delete jobs': {
    operation: 'deleting a Job',
    act: async ({ client }, name) => await client.deleteJob(name, 'any'),
  },
  'understudy-train: list pods': removeTraining,
  'understudy-train: get pods/log': {
    operation: "reading a trainer's last lines",
    act: async ({ client }, name) => await client.readLog(name, 'trainer', 10),
  },
  'understudy-train: list events': {
    operation: 'asking what a Job waits for',
    act: async ({ client }, name) => await client.listEvents(name),
  },
  'understudy-train: create configmaps': submit,
  'understudy-train: get configmaps': removeTraining,
  'understudy-train: delete configmaps': removeTraining,
  'understudy-train: create services': {
    operation: 'submitting a training of two pods',
    act: async ({ training, job }, name) => await training.submit(pending(job, name, { nodes: 2 })),
  },
  'understudy-train: list workloads': {
    operation: "asking for a Job's place in its queue",
    act: async ({ client }) => await client.listWorkloads('v1beta1'),
  },
  'understudy-rollout: get httproutes rights': {
    operation: 'reading a route',
    act: async ({ dedicated }) => await dedicated().read(ROUTE),
  },
  'understudy-rollout: create httproutes rights': writeRoute,
  'understudy-rollout: patch httproutes rights': writeRoute,
  'understudy-rollout: delete httproutes rights': removeRoute,
  'understudy-rollout: create traefikservices rights-mirror': mirror,
  'understudy-rollout: patch traefikservices rights-mirror': mirror,
  'understudy-rollout: delete traefikservices rights-mirror': removeRoute,
  'understudy-rollout: create httproutes rights-mirror-probe': mirror,
  'understudy-rollout: patch httproutes rights-mirror-probe': mirror,
  'understudy-rollout: delete httproutes rights-mirror-probe': mirror,
  'understudy-rollout: get gateways public': {
    operation: 'asking whether the gateway took a route in',
    act: async ({ dedicated, route }) => await dedicated().apply(route(0)),
  },
  'understudy-serving: create deployments': startServer,
  'understudy-serving: get deployments': findServer,
  'understudy-serving: list deployments': {
    operation: 'listing servers',
    act: async ({ servers }) => await servers.list('flights'),
  },
  'understudy-serving: patch deployments': {
    operation: 'giving a server more pods',
    act: async ({ servingApi }, name) => await servingApi.patchDeployment(name, { spec: { replicas: 2 } }),
  },
  'understudy-serving: delete deployments': {
    operation: 'deleting a Deployment',
    act: async ({ servingApi }, name) => await servingApi.deleteDeployment(name, 'any'),
  },
  'understudy-serving: create services': startServer,
  'understudy-serving: get services': stopServer,
  'understudy-serving: delete services': {
    operation: "deleting a server's Service",
    act: async ({ servingApi }, name) => await servingApi.deleteService(name, 'any'),
  },
  'understudy-serving: create configmaps': startServer,
  'understudy-serving: get configmaps': stopServer,
  'understudy-serving: delete configmaps': {
    operation: 'deleting an anchor',
    act: async ({ servingClient }, name) => await servingClient.deleteConfigMap(name, 'any'),
  },
  'understudy-serving: list pods': stopServer,
  'understudy-serving: get pods/log': {
    operation: "reading a server's last lines",
    act: async ({ servingClient }, name) => await servingClient.readLog(name, 'server', 10),
  },
  'understudy-serving: list endpointslices': startServer,
};
