import type { Grid, Partition } from '../scorecards/drift/sketch.ts';
import type { SliceList } from '../scorecards/drift/slices.ts';
import type { EvidenceRef } from '../scorecards/vocabulary.ts';
import { beating, getJson, putJson } from './context.ts';
import type { Ports } from './context.ts';
import type { Work } from './ports/data-store.ts';
import { PortFailure } from './ports/port-failure.ts';
import { blocksOf, groupsOf, isCounted, sketchDay, sumGroup } from './sketching.ts';
import type { DaysOfGrids } from './sketching.ts';

type Stores = Pick<Ports, 'data' | 'evidence'>;

/** A unit has about so many bytes of Parquet: small days are counted together. */
const UNIT_BYTES = 64 * 1024 * 1024;
/** What one run's history can hold; beyond it units grow. */
const MOST_UNITS = 1000;

/** What any number of workers count before something is judged. History carries this, never rows. */
export interface CountingPlan {
  readonly plan: EvidenceRef;
  /** Parts that have not been counted; each can be counted by another worker. */
  readonly units: number;
  /** Inner nodes of the tree that adds them. */
  readonly sums: number;
}

type DayAndBlock = readonly [day: number, block: number];

/** Features that are counted together, of all rows or by slice. */
interface Block {
  readonly grids: readonly Grid[];
  readonly slice?: SliceList;
}

interface PlanFile extends Omit<DaysOfGrids, 'slice'> {
  /** What is counted by slice besides; absent: nothing. */
  readonly sliced?: readonly Block[];
  /** Days and blocks of features by their index. */
  readonly units: readonly (readonly DayAndBlock[])[];
  readonly sums: readonly { readonly days: readonly number[]; readonly block: number }[];
}

export function createCounting(ports: Stores) {
  return {
    /** Counts one part of a plan. What it counts is kept under the content's own key: doing it twice changes nothing. */
    async countUnit(input: {
      readonly plan: EvidenceRef;
      readonly unit: number;
    }): Promise<{ readonly counted: number }> {
      const plan = await getJson<PlanFile>(ports.evidence, input.plan);
      const pairs = plan.units[input.unit];
      if (!pairs) throw new PortFailure('bad-request', `the plan has no unit ${input.unit}`);
      await beating(async (work) => {
        for (const [index, [day, block]] of pairs.entries()) {
          const some = { time: plan.time, ...blockOf(plan, block), day: present(plan.days[day]) };
          work.progress('counting', index, pairs.length);
          await sketchDay(ports, some, work);
        }
      });
      return { counted: pairs.length };
    },

    /** Adds one group of counted days, as one inner node of the tree. */
    async sumUnit(input: { readonly plan: EvidenceRef; readonly sum: number }): Promise<{ readonly added: number }> {
      const plan = await getJson<PlanFile>(ports.evidence, input.plan);
      const sum = plan.sums[input.sum];
      if (!sum) throw new PortFailure('bad-request', `the plan has no sum ${input.sum}`);
      const days = sum.days.map((day) => present(plan.days[day]));
      await beating((work) => sumGroup(ports, { time: plan.time, days, ...blockOf(plan, sum.block) }, work));
      return { added: days.length };
    },
  };
}

/** All rows first. */
const blocksIn = ({ grids, sliced = [] }: Pick<PlanFile, 'grids' | 'sliced'>): readonly Block[] => [
  ...blocksOf(grids).map((some) => ({ grids: some })),
  ...sliced.flatMap(({ grids: own, slice }) =>
    blocksOf(own).map((some) => ({ grids: some, ...(slice ? { slice } : {}) })),
  ),
];

const blockOf = (plan: PlanFile, index: number): Block => blocksIn(plan)[index] ?? { grids: [] };

export interface CountingRequest extends Pick<PlanFile, 'days' | 'grids' | 'sliced' | 'time'> {
  /** Days that will be added to one sum, for each sum. */
  readonly spans: readonly (readonly Partition[])[];
  /** Default 64 MiB. */
  readonly unitBytes?: number;
}

function present(day: Partition | undefined): Partition {
  if (day) return day;
  throw new PortFailure('bad-request', 'the plan names a day that it does not hold');
}

/**
 * Splits what has to be counted by day first, by block of features second; blocks of one day do not read each other's bytes. What
 * has been counted before is left out.
 */
export async function planCounting(ports: Stores, request: CountingRequest, work: Work): Promise<CountingPlan> {
  const { days, grids, sliced, spans, time } = request;
  const blocks = blocksIn(request);
  const open: DayAndBlock[] = [];
  for (const [index, day] of days.entries()) {
    work.progress('looking for counted days', index, days.length);
    for (const [block, some] of blocks.entries())
      if (day.files.length > 0 && !(await isCounted(ports, { day, time, ...some }))) open.push([index, block]);
  }
  const bytesOf = ([day]: DayAndBlock): number =>
    (days[day]?.files ?? []).reduce((total, { bytes }) => total + bytes, 0) / blocks.length;
  const units = packed(open, bytesOf, request.unitBytes ?? UNIT_BYTES);
  const sums = spans.flatMap((span) => {
    const groups = groupsOf(span);
    if (groups.length < 2) return [];
    return groups.flatMap((group) =>
      blocks.map((_, block) => ({ days: group.map((day) => days.indexOf(day)), block })),
    );
  });
  const plan: PlanFile = { time, grids, ...(sliced ? { sliced } : {}), days, units, sums };
  return { plan: await putJson(ports.evidence, plan), units: units.length, sums: sums.length };
}

/** In their order, so that a unit stays with few files. */
function packed(
  open: readonly DayAndBlock[],
  bytesOf: (pair: DayAndBlock) => number,
  atLeast: number,
): readonly DayAndBlock[][] {
  const all = open.reduce((total, pair) => total + bytesOf(pair), 0);
  const most = Math.max(atLeast, all / MOST_UNITS);
  const units: DayAndBlock[][] = [];
  let bytes = Infinity;
  for (const pair of open) {
    bytes += bytesOf(pair);
    if (bytes > most) {
      units.push([]);
      bytes = bytesOf(pair);
    }
    units.at(-1)?.push(pair);
  }
  return units;
}
