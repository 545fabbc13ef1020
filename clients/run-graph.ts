import type { RunSheet, StageLine } from '../scorecards/run-sheet.ts';
import { STAGES } from '../scorecards/vocabulary.ts';

interface GraphNode {
  readonly id: string;
  readonly state: StageLine['state'] | 'ahead';
}

/** What goes side by side inside the scorecard stage, before everything is judged at once. */
const PREDICTING = ['predict-challenger', 'predict-champion'] as const;
const SERVING = ['servers', 'load-run'] as const;

export interface RunGraph {
  readonly nodes: readonly GraphNode[];
  /** From → to; each of these steps is retried and reused on its own. */
  readonly edges: readonly (readonly [from: string, to: string])[];
}

/** `serves`: the policy has servers; a batch policy starts none and measures no load. */
export function graphOf({ stages }: RunSheet, serves: boolean): RunGraph {
  const state = (stage: string): GraphNode['state'] => stages.find((line) => line.stage === stage)?.state ?? 'ahead';
  const inside = [...PREDICTING, ...(serves ? SERVING : [])];
  const after = STAGES.slice(STAGES.indexOf('scorecard'));
  return {
    nodes: [
      ...STAGES.map((stage) => ({ id: stage, state: state(stage) })),
      ...inside.map((id) => ({ id, state: state('scorecard') })),
    ],
    edges: [
      ['drift', 'dataset'],
      ['dataset', 'training'],
      ...PREDICTING.flatMap((node) => [['training', node] as const, [node, 'scorecard'] as const]),
      ...(serves
        ? ([
            ['training', 'servers'],
            ['servers', 'load-run'],
            ['load-run', 'scorecard'],
          ] as const)
        : []),
      ...after.slice(1).map((stage, index) => [after[index] ?? '', stage] as const),
    ],
  };
}

const ICONS: Readonly<Record<GraphNode['state'], string>> = {
  running: '▶',
  done: '✔',
  failed: '✖',
  skipped: '·',
  ahead: '○',
};

/** Top to bottom, as `git log --graph` draws: what stands side by side runs side by side. */
export function renderGraph({ nodes }: RunGraph): string {
  const states = new Map(nodes.map(({ id, state }) => [id, state]));
  const icon = (id: string) => ICONS[states.get(id) ?? 'ahead'];
  const [open, close, rest] = states.has('servers') ? ['├─┬─┐', '├─┴─┘', ' │'] : ['├─┐', '├─┘', ''];
  const fan = [
    open,
    `${icon('predict-challenger')} │${rest}  predict with the challenger`,
    `│ ${icon('predict-champion')}${rest}  predict with the champion`,
    ...(rest === '' ? [] : [`│ │ ${icon('servers')}  servers of both`, `│ │ ${icon('load-run')}  load run on both`]),
    close,
  ];
  return STAGES.flatMap((stage, index) => [
    ...(stage === 'scorecard' ? fan : index === 0 ? [] : ['│']),
    `${icon(stage)} ${stage}`,
  ]).join('\n');
}
