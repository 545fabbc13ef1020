import { PortFailure } from '../../ports/port-failure.ts';

/** Beyond these MLflow shortens silently and answers 200, and older servers are stricter. */
const LONGEST_TAG = 5_000;
const LONGEST_PARAM = 6_000;
const LONGEST_NAME = 250;

export interface Pair {
  readonly key: string;
  readonly value: string;
}

/** Tags as MLflow takes them, all checked before the first is sent. Throws `bad-request` that names the offender. */
export function tagPairs(tags: Readonly<Record<string, string>>): Pair[] {
  return checked('tag', tags, LONGEST_TAG);
}

export function paramPairs(params: Readonly<Record<string, string>>): Pair[] {
  return checked('param', params, LONGEST_PARAM);
}

function checked(kind: string, values: Readonly<Record<string, string>>, longest: number): Pair[] {
  return Object.entries(values).map(([key, value]) => {
    if (key.length > LONGEST_NAME) {
      throw new PortFailure('bad-request', `the ${kind} ${key.slice(0, 40)}… has a name of ${key.length} characters`);
    }
    if (value.length > longest) {
      throw new PortFailure(
        'bad-request',
        `the ${kind} ${key} has ${value.length} characters; at most ${longest} are kept, so store it and tag its digest`,
      );
    }
    return { key, value };
  });
}
