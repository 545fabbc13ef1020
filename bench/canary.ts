import { alarmsOf, clearancesOf, crossingsOf, medianOf } from '../test/scorecards/canary/simulated-traffic.ts';
import { STEP } from '../test/scorecards/canary/phases.ts';
import { fromEnvironment } from './setting.ts';

const RESTART = { ...STEP, restartLooks: 120 };
const LOOK_S = 5;

/** How sure and how fast the judge of a rollout is, by many simulated phases: `npx tsx bench/canary.ts`. Minutes long. */
function main(): void {
  const runs = fromEnvironment('BENCH_RUNS', 10_000);
  console.log(
    'weight, error rate, tolerated ratio: share of phases with a false alarm, alpha 5 %, true ratio at the boundary',
  );
  for (const share of [0.05, 0.5]) {
    for (const rate of [0.001, 0.1]) for (const ratio of [1, 1.5]) printCrossings({ share, rate, ratio }, runs);
  }
  console.log('requests/s, champion, challenger: found, median and p95 seconds at 5 % in ten minutes');
  for (const [requestsPerSecond, championRate, challengerRate] of [
    [20, 0.001, 0.001],
    [20, 0.01, 0.01],
    [20, 0.001, 0.1],
    [200, 0.001, 0.03],
    [200, 0.01, 0.05],
    [2000, 0.001, 0.01],
  ] as const) {
    const traffic = { requestsPerSecond, championRate, challengerRate, looks: 120 };
    print(
      [requestsPerSecond, championRate, challengerRate],
      alarmsOf(RESTART, traffic, { runs: runs / 5, seed: 5 }),
      runs / 5,
    );
  }
  console.log('requests/s, error rate of both: clear, median and p95 seconds at 5 % in twenty minutes');
  for (const [requestsPerSecond, rate] of [
    [20, 0.001],
    [200, 0.001],
    [200, 0.003],
  ] as const) {
    const traffic = { requestsPerSecond, championRate: rate, challengerRate: rate, looks: 240 };
    print([requestsPerSecond, rate], clearancesOf(STEP, traffic, { runs: runs / 10, seed: 6 }), runs / 10);
  }
}

function printCrossings(at: Parameters<typeof crossingsOf>[1], runs: number): void {
  const crossed = crossingsOf(at.ratio, at, { runs, looks: 60, alpha: 0.05 });
  console.log(`${at.share}, ${at.rate}, ${at.ratio}: ${((100 * crossed) / runs).toFixed(2)} %`);
}

function print(setting: readonly number[], looks: readonly number[], runs: number): void {
  const p95 = looks.toSorted((a, b) => a - b)[Math.floor(0.95 * looks.length)] ?? Number.NaN;
  const share = `${((100 * looks.length) / runs).toFixed(2)} %`;
  console.log(`${setting.join(', ')}: ${share}, ${medianOf(looks) * LOOK_S} s, ${p95 * LOOK_S} s`);
}

main();
