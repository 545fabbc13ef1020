import type { WorkflowHandle } from '@temporalio/client';

/** Task failures that heal by themselves: UNHANDLED_COMMAND (a message raced with the end) and RESET_WORKFLOW. */
const HARMLESS: ReadonlySet<unknown> = new Set([1, 20]);

/** The result of a workflow, or the error that keeps its task failing: a broken workflow hangs and never fails by itself. */
export async function finish<T>(handle: WorkflowHandle, everyMs = 250): Promise<T> {
  let done = false;
  const result = (handle.result() as Promise<T>).finally(() => {
    done = true;
  });
  const watch = async (): Promise<never> => {
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, everyMs));
      if (done) return new Promise<never>(() => undefined);
      const { events } = await handle.fetchHistory();
      const failed = events
        ?.map((event) => event.workflowTaskFailedEventAttributes)
        .find((task) => task && !HARMLESS.has(task.cause ?? 0));
      if (failed) throw new Error(failed.failure?.message ?? `workflow task failed, cause ${String(failed.cause)}`);
    }
  };
  return Promise.race([result, watch()]);
}
