import { CancellationScope } from '@temporalio/workflow';

/** All at once. When one fails the others are called off, and the failure is told once none of them is left running. */
export async function together<T extends readonly unknown[]>(works: {
  [K in keyof T]: () => Promise<T[K]>;
}): Promise<T> {
  const scope = new CancellationScope();
  const failures: unknown[] = [];
  const settle = async (work: () => Promise<unknown>) =>
    work().catch((error: unknown) => {
      failures.push(error);
      scope.cancel();
    });
  const results = await scope.run(() => Promise.all(works.map(settle)));
  if (failures.length > 0) throw failures[0];
  return results as unknown as T;
}
