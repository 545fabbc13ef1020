import type { DriftFinding, DriftKind } from '../scorecards/drift/verdict.ts';
import type { RunContext } from '../scorecards/run.ts';
import type { Ports } from './context.ts';

const MOST_SENTENCES = 5;

/** What people are told of a window though no run follows from it. */
const TOLD: Readonly<Partial<Record<DriftKind, string>>> = {
  divergence: "the business falls while the model's own numbers hold",
  fairness: 'groups are treated too differently',
};

/**
 * One message for each kind that people must hear of, while it lasts the same incident of the same champion. An outage of the
 * notifier holds no run: the findings are in the report either way.
 */
export async function tellOfChampion(
  ports: Pick<Ports, 'notifier'>,
  { context, version }: { readonly context: RunContext; readonly version: string },
  findings: readonly DriftFinding[],
): Promise<void> {
  for (const [kind, what] of Object.entries(TOLD)) {
    const failed = findings.filter(({ criterion, judged }) => criterion.kind === kind && judged === 'fail');
    if (failed.length === 0) continue;
    const message = {
      key: `${context.model}/${kind}/v${version}`,
      severity: 'ticket',
      model: context.model,
      run: context.run,
      title: `${context.model}: ${what}`,
      text: failed
        .slice(0, MOST_SENTENCES)
        .map(({ sentence }) => sentence)
        .join(' '),
    } as const;
    await ports.notifier.notify(message).catch(() => undefined);
  }
}
