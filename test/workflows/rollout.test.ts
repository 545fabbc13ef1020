import { expect, test } from '@jest/globals';
import type { PhaseOrder } from '../../activities/phase-order.ts';
import type { PhaseResult } from '../../activities/phase.ts';
import { rollOut } from '../../workflows/rollout.ts';
import type { RolloutHands, RolloutInput } from '../../workflows/rollout.ts';
import { present } from '../present.ts';
import { SOAK, STEP } from '../scorecards/canary/phases.ts';

const INPUT = {
  context: { model: 'shop', run: 'retrain/shop/1' },
  champion: { version: '1', url: 'http://127.0.0.1:1' },
  challenger: { version: '2', url: 'http://127.0.0.1:2' },
  plan: { steps: [5], stepAtLeastMs: 0, soakMs: 0, leaseMs: 1000, soakLeaseMs: 1000, onInconclusive: 'hold' },
  phases: [STEP, SOAK],
  stepAtMostMs: 1000,
} as unknown as RolloutInput;

const counted = (requests: number, bad: number) => ({ requests, bad });
const seen = (word: PhaseResult['word'], arms: Pick<PhaseResult, 'champion' | 'challenger'>): PhaseResult => ({
  word,
  reason: word,
  evidence: { harm: 0, ceiling: 0, safe: 0 },
  share: 'effective',
  looks: 1,
  endedAt: '2026-01-01T00:00:00.000Z',
  ...arms,
});

/** Hands that see these results in turn, and a person who lets every hold go on. */
function handsThat(results: readonly PhaseResult[], watched: PhaseOrder[]): RolloutHands {
  const left = [...results];
  const activities = {
    setRoute: async () => undefined,
    tellHeld: async () => undefined,
    returnTraffic: async () => undefined,
    verifyRollback: async () => ({ seconds: 0 }),
    watchPhase: async (order: PhaseOrder) => {
      watched.push(order);
      return present(left.shift());
    },
  };
  let now = 0;
  return {
    act: () => activities,
    now: () => (now += 10_000),
    shielded: async (work: () => Promise<unknown>) => work(),
    explain: (error: unknown) => {
      throw error;
    },
    show: () => undefined,
    unlessSpokenTo: async (work: () => Promise<unknown>, holding: boolean) =>
      holding ? { wish: 'resume', by: 'bo@example', reason: 'seen to' } : work(),
  } as unknown as RolloutHands;
}

test('a soak that is held and resumed is judged against the champion, never against what the challenger did in it', async () => {
  const watched: PhaseOrder[] = [];
  const results = [
    seen('clear', { champion: counted(10_000, 10), challenger: counted(500, 0) }),
    seen('freeze', { champion: counted(0, 0), challenger: counted(6, 2) }),
    seen('clear', { champion: counted(0, 0), challenger: counted(1000, 1) }),
  ];
  expect(await rollOut(INPUT, handsThat(results, watched))).toMatchObject({ ended: 'promoted-ready' });
  const [step, soak, again] = watched.map(({ phase, plan }) => ({ phase, frozenRate: plan.frozenRate }));
  expect(step).toEqual({ phase: 'step-5' });
  expect(present(present(soak).frozenRate)).toBeLessThan(0.01);
  expect(again).toEqual(soak);
});
