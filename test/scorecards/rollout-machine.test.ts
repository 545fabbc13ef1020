import { describe, expect, test } from '@jest/globals';
import type { CanaryWord } from '../../scorecards/canary/verdict.ts';
import { advance } from '../../scorecards/rollout-machine.ts';
import { isSettled, startRollout, wantedPercent } from '../../scorecards/rollout-state.ts';
import type { Exposed, RolloutEvent, RolloutPlan, RolloutState } from '../../scorecards/rollout-state.ts';
import { present } from '../present.ts';
import { seededDraws } from '../seeded-draws.ts';
import type { Expected, StateName } from './rollout-outcomes.ts';
import { AFTER_PROGRESS } from './rollout-progress-table.ts';
import type { ProgressName } from './rollout-progress-table.ts';
import { AFTER_VERDICT } from './rollout-verdict-table.ts';
import { AFTER_WORD } from './rollout-word-table.ts';
import type { WordName } from './rollout-word-table.ts';

const PLAN: RolloutPlan = {
  steps: [5, 50],
  stepAtLeastMs: 600_000,
  soakMs: 3_600_000,
  leaseMs: 30_000,
  soakLeaseMs: 60_000,
  onInconclusive: 'hold',
};
const AT = 1_800_000_000_000;
const reason = 'because';

const step = (index: number, ageMs: number): Exposed => ({ kind: 'stepping', index, effectiveSince: AT - ageMs });
const soak = (ageMs: number, unharmed: boolean): Exposed => ({ kind: 'soaking', effectiveSince: AT - ageMs, unharmed });
const held = step(0, 600_000);

const STATES: Readonly<Record<StateName, RolloutState>> = {
  readying: startRollout(),
  'step not served yet': { kind: 'stepping', index: 0, effectiveSince: null },
  'step too young': step(0, 599_999),
  'step old enough': held,
  'last step old enough': step(1, 600_000),
  'soak not served yet': { kind: 'soaking', effectiveSince: null, unharmed: false },
  'soak too young': soak(3_599_999, true),
  'soak old enough': soak(3_600_000, true),
  'soak old enough, in doubt': soak(3_600_000, false),
  'held by freeze': { kind: 'holding', held, why: 'freeze', reason, darkSince: null },
  'held by freeze, in the dark': { kind: 'holding', held, why: 'freeze', reason, darkSince: AT - 29_999 },
  'held without a verdict': { kind: 'holding', held, why: 'inconclusive', reason, darkSince: null },
  'held in the dark': { kind: 'holding', held, why: 'dark', reason, darkSince: AT - 29_999 },
  'held in the dark for a lease': { kind: 'holding', held, why: 'dark', reason, darkSince: AT - 30_000 },
  'promoted-ready': { kind: 'promoted-ready' },
  'rolling back': { kind: 'rolling-back', cause: 'harm', reason },
  'rolling back after an abort': { kind: 'rolling-back', cause: 'abort', reason },
  'rolled back': { kind: 'rolled-back', cause: 'harm', reason },
  aborted: { kind: 'aborted', reason },
};

const EVENTS: Readonly<Record<ProgressName | WordName, RolloutEvent>> = {
  'server ready': { kind: 'server-ready', at: AT },
  '5 % effective': { kind: 'weight-effective', percent: 5, at: AT },
  '50 % effective': { kind: 'weight-effective', percent: 50, at: AT },
  '100 % effective': { kind: 'weight-effective', percent: 100, at: AT },
  '0 % effective': { kind: 'weight-effective', percent: 0, at: AT },
  abort: { kind: 'person', wish: 'abort', reason, at: AT },
  'person rolls back': { kind: 'person', wish: 'rollback', reason, at: AT },
  resume: { kind: 'person', wish: 'resume', reason, at: AT },
  alert: { kind: 'alert', reason, at: AT },
  'lease expired': { kind: 'lease-expired', at: AT },
  'soak over': { kind: 'soak-over', at: AT },
};

function verdict(word: CanaryWord, at = AT): RolloutEvent {
  return { kind: 'verdict', verdict: { word, reason, evidence: { harm: 1, ceiling: 1, safe: 1 } }, at };
}

function exposedOf(state: RolloutState): RolloutState {
  return state.kind === 'holding' ? state.held : state;
}

const rollingBack = (cause: string, why = reason) => ({ kind: 'rolling-back', cause, reason: why });
const holding = (before: RolloutState, why: string, darkSince: number | null = null) => ({
  kind: 'holding',
  held: exposedOf(before),
  why,
  reason,
  darkSince,
});

const OUTCOMES: Readonly<Record<Expected, (before: RolloutState) => object>> = {
  same: (before) => before,
  'step 0': () => ({ kind: 'stepping', index: 0, effectiveSince: null }),
  'step 1': () => ({ kind: 'stepping', index: 1, effectiveSince: null }),
  soak: () => ({ kind: 'soaking', effectiveSince: null, unharmed: false }),
  served: (before) => ({ ...before, effectiveSince: AT }),
  unharmed: (before) => ({ ...before, unharmed: true }),
  doubtful: (before) => ({ ...before, unharmed: false }),
  'what was held': exposedOf,
  'hold freeze': (before) => holding(before, 'freeze'),
  'hold inconclusive': (before) => holding(before, 'inconclusive'),
  'hold dark': (before) => holding(before, 'dark', AT),
  'turned dark': (before) => ({ ...before, darkSince: AT }),
  'sees again': (before) => ({ ...before, darkSince: null }),
  'promoted-ready': () => ({ kind: 'promoted-ready' }),
  'rolling back: harm': () => rollingBack('harm'),
  'rolling back: target-down': () => rollingBack('target-down'),
  'rolling back: dark': () => rollingBack('dark'),
  'rolling back: alert': () => rollingBack('alert'),
  'rolling back: person': () => rollingBack('person'),
  'rolling back: abort': () => rollingBack('abort'),
  'rolling back: lease-expired': () =>
    rollingBack('lease-expired', 'the lease ran out and the guardian returned the traffic'),
  'rolled-back': () => ({ kind: 'rolled-back', cause: 'harm', reason }),
  aborted: () => ({ kind: 'aborted', reason }),
};

type Cell = readonly [state: StateName, event: string, expected: Expected, happened: RolloutEvent];

const names = Object.keys(STATES) as StateName[];
const CELLS: readonly Cell[] = names.flatMap((name) => [
  ...(Object.entries(AFTER_VERDICT[name]) as [CanaryWord, Expected][]).map(([word, expected]): Cell => [
    name,
    word,
    expected,
    verdict(word),
  ]),
  ...(Object.entries({ ...AFTER_PROGRESS[name], ...AFTER_WORD[name] }) as [keyof typeof EVENTS, Expected][]).map(
    ([event, expected]): Cell => [name, event, expected, EVENTS[event]],
  ),
]);

describe('every state meets every event', () => {
  test.each(CELLS)('%s + %s → %s', (name, _event, expected, happened) => {
    expect(advance(PLAN, STATES[name], happened)).toStrictEqual(OUTCOMES[expected](STATES[name]));
  });

  const meaningless = CELLS.filter(([, , expected]) => expected === 'same');
  test.each(meaningless)('%s is the very same object after %s', (name, _event, _same, happened) => {
    expect(advance(PLAN, STATES[name], happened)).toBe(STATES[name]);
  });
});

describe('a rollout', () => {
  const later = (ms: number, event: RolloutEvent): RolloutEvent => ({ ...event, at: AT + ms });
  const follow = (events: readonly RolloutEvent[], plan = PLAN) =>
    events.reduce((state, event) => advance(plan, state, event), startRollout());

  test('CA6: goes up its steps and through its soak, one at a time', () => {
    const story: readonly (readonly [RolloutEvent, percent: number])[] = [
      [EVENTS['server ready'], 5],
      [EVENTS['5 % effective'], 5],
      [verdict('wait', AT + 300_000), 5],
      [verdict('clear', AT + 600_000), 50],
      [later(601_000, EVENTS['50 % effective']), 50],
      [verdict('clear', AT + 1_201_000), 100],
      [later(1_202_000, EVENTS['100 % effective']), 100],
      [verdict('wait', AT + 1_207_000), 100],
      [later(4_802_000, EVENTS['soak over']), 100],
    ];
    const states: RolloutState[] = [];
    story.reduce((state, [event]) => {
      states.push(advance(PLAN, state, event));
      return advance(PLAN, state, event);
    }, startRollout());
    expect(states.map((state) => wantedPercent(PLAN, state))).toStrictEqual(story.map(([, percent]) => percent));
    expect(states.at(-1)).toStrictEqual({ kind: 'promoted-ready' });
  });

  test('N6: is not ready to be promoted one second before its soak is over', () => {
    const start = [EVENTS['100 % effective'], verdict('wait', AT + 5000)];
    const soaking = start.reduce((state, event) => advance(PLAN, state, event), STATES['soak not served yet']);
    expect(advance(PLAN, soaking, later(3_599_000, EVENTS['soak over'])).kind).toBe('soaking');
    expect(advance(PLAN, soaking, later(3_600_000, EVENTS['soak over'])).kind).toBe('promoted-ready');
  });

  test('CA6: a step without a verdict ends the canary where the plan says so', () => {
    const events = [EVENTS['server ready'], EVENTS['5 % effective'], verdict('inconclusive')];
    expect(follow(events, { ...PLAN, onInconclusive: 'rollback' })).toStrictEqual(rollingBack('inconclusive'));
  });

  test('a soak in the dark has its own lease', () => {
    const dark = advance(PLAN, soak(1000, true), verdict('dark'));
    expect(advance(PLAN, dark, verdict('dark', AT + 59_999)).kind).toBe('holding');
    expect(advance(PLAN, dark, verdict('dark', AT + 60_000)).kind).toBe('rolling-back');
  });

  test('a weight that comes into effect during a hold counts from then on', () => {
    const hold = advance(PLAN, STATES['step not served yet'], verdict('freeze'));
    const served = advance(PLAN, hold, EVENTS['5 % effective']);
    expect(advance(PLAN, served, EVENTS.resume)).toStrictEqual({ kind: 'stepping', index: 0, effectiveSince: AT });
  });

  test('a person cannot go on past a step that was never served', () => {
    const hold = advance(PLAN, STATES['step not served yet'], verdict('inconclusive'));
    expect(advance(PLAN, hold, EVENTS.resume)).toBe(STATES['step not served yet']);
  });

  test('CA6: whatever happens in whatever order, no weight is raised before the one below it was served', () => {
    const { uniform } = seededDraws(61);
    const raises = Array.from({ length: 300 }, () => wander(uniform)).flatMap(raisesOf);
    expect(raises.length).toBeGreaterThan(300);
    expect(raises.filter((before) => !isReadying(before)).map(wasServed)).not.toContain(false);
  });

  test('an abort ends it from wherever it is', () => {
    const { uniform } = seededDraws(62);
    const aborted = Array.from({ length: 300 }, () => present(wander(uniform).at(-1))).map((state) =>
      advance(PLAN, state, EVENTS.abort),
    );
    expect(aborted.map((state) => wantedPercent(PLAN, state))).toStrictEqual(aborted.map(() => 0));
    expect(aborted.map((state) => isSettled(advance(PLAN, state, EVENTS['0 % effective'])))).not.toContain(false);
  });
});

/** The states of a rollout to which 40 drawn events happen, two minutes apart; what ends it is drawn rarely. */
function wander(uniform: () => number): RolloutState[] {
  const gentle = CELLS.filter(([, , expected]) => !expected.startsWith('rolling back')).map(([, , , event]) => event);
  const states: RolloutState[] = [advance(PLAN, startRollout(), EVENTS['server ready'])];
  states.unshift(startRollout());
  for (let index = 1; index <= 40; index++) {
    const event = present(gentle[Math.floor(uniform() * gentle.length)]);
    states.push(advance(PLAN, present(states.at(-1)), { ...event, at: AT + index * 120_000 }));
  }
  return states;
}

/** The states just before the challenger's share was raised. */
function raisesOf(states: readonly RolloutState[]): RolloutState[] {
  const percents = states.map((state) => wantedPercent(PLAN, state));
  return states.filter((_state, index) => (percents[index + 1] ?? 0) > (percents[index] ?? 0));
}

function isReadying(state: RolloutState): boolean {
  return state.kind === 'readying';
}

function wasServed(state: RolloutState): boolean {
  const exposed = exposedOf(state);
  return 'effectiveSince' in exposed && exposed.effectiveSince !== null;
}
