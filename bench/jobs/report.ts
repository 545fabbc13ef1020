import type { RealResult } from './real.ts';
import { POLL_MS, type SimulatedLoad, type SimulatedResult } from './simulated.ts';
import { quantile } from './statistics.ts';

/** Both parts as Markdown: what `docs/benchmarks.md` holds. */
export function describeSimulated({ jobs, runMs }: SimulatedLoad, result: SimulatedResult): string {
  const { ours, polling, watching } = result;
  const row = (name: string, side: SimulatedResult['polling']): string => {
    const each = side.requests.total / jobs;
    const cells = [
      `${side.completed} of ${jobs}`,
      each.toFixed(1),
      (each / (ours.requests.total / jobs)).toFixed(2),
      ((side.requests.total / side.seconds) * 60).toFixed(0),
      String(side.requests.busiestMinute),
      `${side.seconds.toFixed(0)} s`,
    ];
    return `| ${name} | ${cells.join(' | ')} |`;
  };
  const { memory } = ours;
  const kinds = Object.entries(ours.requests.byKind).toSorted(([, a], [, b]) => b - a);
  return `
## ${jobs} Jobs of ${runMs / 1000} s at once, on simulated nodes

| | completed | requests per Job | ratio to ours | requests per minute | busiest minute | all done after |
|---|---|---|---|---|---|---|
${row('one worker of ours', ours)}
${row(`a loop of \`get job\` every ${POLL_MS / 1000} s`, polling)}
${row('one watch per Job', watching)}

Requests of ours: ${kinds.map(([kind, times]) => `${kind} ${(times / jobs).toFixed(1)}`).join(' · ')}.
Jobs created twice: ${ours.doubledJobs}; Jobs with two pods: ${ours.doubledPods}; objects and folders left behind: ${ours.leftBehind}.
Memory of the worker: ${mb(memory.before)} before, ${mb(memory.peak)} at most, ${mb(memory.after)} after, ${mb(memory.afterAnother)} after as many again; ${memory.growth.toFixed(1)} MB per minute while all ran.
`;
}

export function describeReal({ jobs, toRunning, toNext, watching, polling }: RealResult): string {
  const row = (name: string, samples: readonly number[]): string =>
    `| ${name} | ${seconds(quantile(samples, 0.5))} | ${seconds(quantile(samples, 0.95))} | ${ratio(samples, toNext)} |`;
  return `
## ${jobs} Jobs one after the other, on the real node

| | median | p95 | ratio of medians to ours |
|---|---|---|---|
| submit → trainer runs | ${seconds(quantile(toRunning, 0.5))} | ${seconds(quantile(toRunning, 0.95))} | |
${row('trainer has ended → next stage begins', toNext)}
${row('the same Jobs: trainer has ended → a watch says Complete', watching)}
${row(`the same Jobs: trainer has ended → a poll every ${POLL_MS / 1000} s says Complete`, polling)}
`;
}

function ratio(samples: readonly number[], ours: readonly number[]): string {
  return (quantile(samples, 0.5) / quantile(ours, 0.5)).toFixed(2);
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(2)} s`;
}

function mb(value: number): string {
  return `${value.toFixed(0)} MB`;
}
