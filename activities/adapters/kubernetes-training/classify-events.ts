import type { CoreV1Event } from '@kubernetes/client-node';
import type { PortFailureCode } from '../../ports/port-failure.ts';
import { msOf } from './observation-pods.ts';

/** Why the Job controller could not create a pod. `refused` never mends itself. */
export interface CreateProblem {
  readonly code: PortFailureCode;
  readonly message: string;
  readonly refused: boolean;
  /** Milliseconds since 1970. */
  readonly since: number;
}

/**
 * The newest reason of the `FailedCreate` events, which are the only sign of pods that cannot be created: the Job itself
 * has no condition. Every event names another pod, so they are grouped by the text after "is forbidden:". Events older
 * than `after` (a resume, a pod that could be created) are history.
 */
export function createProblem(events: readonly CoreV1Event[], after: number): CreateProblem | undefined {
  const failed = events
    .filter((event) => event.reason === 'FailedCreate' && timeOf(event) >= after)
    .toSorted((a, b) => timeOf(a) - timeOf(b));
  const newest = failed.at(-1);
  if (newest === undefined) return undefined;
  const text = essence(newest.message ?? '');
  const same = failed.filter((event) => essence(event.message ?? '') === text);
  const since = Math.min(...same.map((event) => msOf(event.firstTimestamp) ?? timeOf(event)));
  return { ...meaningOf(text), since };
}

/** When an event was last seen; 0 when it does not say. */
export function timeOf(event: CoreV1Event): number {
  return msOf(event.lastTimestamp) ?? msOf(event.eventTime) ?? msOf(event.metadata?.creationTimestamp) ?? 0;
}

function essence(message: string): string {
  const at = message.indexOf('is forbidden: ');
  return at < 0 ? message.replace(/^Error creating: /, '') : message.slice(at + 'is forbidden: '.length);
}

function meaningOf(text: string): Omit<CreateProblem, 'since'> {
  if (text.startsWith('violates PodSecurity')) {
    return { code: 'pod-security', refused: true, message: `pods of the job are refused: it ${text}` };
  }
  const quota = /^exceeded quota: ([^,]+), requested: (\S+), used: (\S+), limited: (\S+)/.exec(text);
  if (quota !== null) return meaningOfQuota(quota);
  if (/service account|LimitRange|(maximum|minimum) \S+ usage|admission webhook .* denied/.test(text)) {
    return { code: 'job-invalid', refused: true, message: `pods of the job are refused: ${text}` };
  }
  return { code: 'unavailable', refused: false, message: `pods of the job cannot be created yet: ${text}` };
}

/** A request above the hard limit itself never fits; any other may, once others have left. */
function meaningOfQuota([, name = '', requested = '', used = '', hard = '']: RegExpExecArray): Omit<
  CreateProblem,
  'since'
> {
  const limits = amounts(hard);
  const tooMuch = [...amounts(requested)].filter(([resource, amount]) => amount > (limits.get(resource) ?? Infinity));
  const refused = tooMuch.length > 0;
  const never = refused ? `; ${tooMuch.map(([resource]) => resource).join(' and ')} can never fit` : '';
  return {
    code: 'quota-exceeded',
    refused,
    message: `quota ${name} is exceeded: requested ${requested}, used ${used}, hard ${hard}${never}`,
  };
}

const FACTORS: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
};

/** `requests.memory=4Gi,pods=1` by resource, in base units. */
function amounts(list: string): Map<string, number> {
  return new Map(
    list.split(',').map((part) => {
      const [resource = '', amount = ''] = part.split('=');
      const [, number = '', suffix = ''] = /^([\d.]+)(.*)$/.exec(amount) ?? [];
      return [resource, Number(number) * (FACTORS[suffix] ?? 1)];
    }),
  );
}
