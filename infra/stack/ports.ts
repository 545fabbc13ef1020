import type { Settings } from '../../scorecards/settings.ts';
import { StackFailure } from './failure.ts';
import { freePorts, isFree } from './free-port.ts';
import type { StackBind } from './parts.ts';
import { portOwner } from './port-owner.ts';
import { loopback } from './programs.ts';
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
  const { bind: _, ...servers } = settings.stack;
  return { ...servers, workerMetrics, workerWebhook };
}

/** Which address each port is opened on. */
export function bindOf({ stack, worker }: Pick<Settings, 'stack' | 'worker'>): StackBind {
  return { servers: stack.bind, worker: worker.bind };
}

/**
 * Replaces each 0 by a free port. Throws when a wanted port is taken, naming who has it, or wanted twice, and when an
 * address is none of this machine.
 */
export async function claimPorts(wanted: StackPorts, parts: readonly PartName[], bind: StackBind): Promise<StackPorts> {
  const names = parts.flatMap((part) => used[part]);
  const fixed = names.filter((name) => wanted[name] !== 0);
  const twice = fixed.find((name) => fixed.some((other) => other !== name && wanted[other] === wanted[name]));
  if (twice !== undefined) {
    throw new StackFailure(
      78,
      `port ${wanted[twice]} is wanted twice; choose another as ${settingOf[twice]} in understudy.config.yaml`,
    );
  }
  await Promise.all([checkAddress('stack.bind', bind.servers), checkAddress('worker.bind', bind.worker)]);
  const hostOf = (name: keyof StackPorts) => {
    if (used.temporal.includes(name)) return loopback;
    return used.worker.includes(name) ? bind.worker : bind.servers;
  };
  for (const name of fixed) if (!(await isFree(wanted[name], hostOf(name)))) throw taken(name, wanted[name]);
  const open = new Map<keyof StackPorts, number>();
  for (const host of new Set(names.map(hostOf))) {
    const here = names.filter((name) => wanted[name] === 0 && hostOf(name) === host);
    const free = await freePorts(here.length, host);
    for (const [at, name] of here.entries()) open.set(name, free[at] ?? 0);
  }
  return { ...wanted, ...Object.fromEntries(open) };
}

async function checkAddress(setting: string, host: string): Promise<void> {
  try {
    await freePorts(1, host);
  } catch (cause) {
    const expected = 'expected an address of this machine such as 127.0.0.1, or 0.0.0.0 for all of them';
    throw new StackFailure(78, `nothing can listen on ${host} (${setting}): ${expected}`, { cause });
  }
}

function taken(name: keyof StackPorts, port: number): StackFailure {
  const owner = portOwner(port) ?? 'another program';
  const cure = `stop it, or choose another port as ${settingOf[name]} in understudy.config.yaml`;
  return new StackFailure(69, `port ${port} (${settingOf[name]}) is taken by ${owner}; ${cure}`);
}
