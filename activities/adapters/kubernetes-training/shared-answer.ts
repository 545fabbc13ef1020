/** Asks once for all who come within the time; a question that failed is asked again. */
export function shared<T>(ask: () => Promise<T>, keepMs: (answer: T) => number): () => Promise<T> {
  let kept: { readonly answer: Promise<T>; until: number } | undefined;
  return async () => {
    if (kept !== undefined && Date.now() < kept.until) return await kept.answer;
    const asked = { answer: ask(), until: Number.POSITIVE_INFINITY };
    kept = asked;
    try {
      const answer = await asked.answer;
      asked.until = Date.now() + keepMs(answer);
      return answer;
    } catch (error) {
      kept = undefined;
      throw error;
    }
  };
}
