import { isAway } from '../activities/pending-rollback.ts';

/** Longer is not waited for a registry while bad answers go to users. */
const REGISTRY_MS = 10_000;

/** The answer of work that asks the registry, or the sentence why it could not be asked. Other failures are thrown. */
export async function registryAway<T>(
  work: () => Promise<T>,
): Promise<{ readonly answer: T } | { readonly away: string }> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<{ readonly away: string }>((resolve) => {
    timer = setTimeout(
      () => resolve({ away: `the registry did not answer within ${REGISTRY_MS / 1000} s` }),
      REGISTRY_MS,
    );
  });
  try {
    return await Promise.race([work().then((answer) => ({ answer })), late]);
  } catch (error) {
    if (isAway(error)) return { away: error.message };
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
