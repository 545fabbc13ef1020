import type { Settings } from '../../scorecards/settings.ts';
import { StackFailure } from './failure.ts';
import { freePorts, isFree } from './free-port.ts';
import { portOwner } from './port-owner.ts';
import type { PartName, StackPorts } from './state.ts';

const used: Record<PartName, readonly (keyof StackPorts)[]> = {
  temporal: ['temporal', 'temporalUi'],
  mlflow: ['mlflow'],
  traefik: ['gateway', 'gatewayMetrics'],
  worker: ['workerMetrics', 'workerWebhook'],
};

/** The name of each port in `understudy.config.yaml`. */
const settingOf: Record<keyof StackPorts, string> = {
  temporal: 'stack.temporal',
  temporalUi: 'stack.temporalUi',
  mlflow: 'stack.mlflow',
  gateway: 'stack.gateway',
  gatewayMetrics: 'stack.gatewayMetrics',
  workerMetrics: 'worker.metricsPort',
  workerWebhook: 'worker.webhookPort',
};

/** The ports that an operator chose; 0 stands for any free one. */
export function portsOf(settings: Pick<Settings, 'stack' | 'worker'>): StackPorts {
  const { metricsPort: workerMetrics, webhookPort: workerWebhook } = settings.worker;
  return { ...settings.stack, workerMetrics, workerWebhook };
}

/** Replaces each 0 by a free port. Throws when a wanted port is taken, naming who has it, or wanted twice. */
export async function claimPorts(wanted: StackPorts, parts: readonly PartName[]): Promise<StackPorts> {
  const names = parts.flatMap((part) => used[part]);
  const fixed = names.filter((name) => wanted[name] !== 0);
  const twice = fixed.find((name) => fixed.some((other) => other !== name && wanted[other] === wanted[name]));
  if (twice !== undefined) {
    throw new StackFailure(
      78,
      `port ${wanted[twice]} is wanted twice; choose another as ${settingOf[twice]} in understudy.config.yaml`,
    );
  }
  for (const name of fixed) if (!(await isFree(wanted[name]))) throw taken(name, wanted[name]);
  const open = names.filter((name) => wanted[name] === 0);
  const free = await freePorts(open.length);
  return { ...wanted, ...Object.fromEntries(open.map((name, at) => [name, free[at]])) };
}

function taken(name: keyof StackPorts, port: number): StackFailure {
  const owner = portOwner(port) ?? 'another program';
  const cure = `stop it, or choose another port as ${settingOf[name]} in understudy.config.yaml`;
  return new StackFailure(69, `port ${port} (${settingOf[name]}) is taken by ${owner}; ${cure}`);
}
