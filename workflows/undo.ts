/** What must be put back, pushed before it is done, so that a step whose answer was lost is undone too. */
export class Undo {
  #steps: { readonly always: boolean; readonly work: () => Promise<unknown> }[] = [];
  #first: (() => Promise<unknown>)[] = [];

  /** Done at the end whatever happened: jobs, mirrors, anything that a finished run has no use for. */
  always(work: () => Promise<unknown>): void {
    this.#steps.push({ always: true, work });
  }

  /** Done unless the run was promoted: weights, the challenger's server. */
  unlessPromoted(work: () => Promise<unknown>): void {
    this.#steps.push({ always: false, work });
  }

  /** Done unless the run was promoted, before all else whenever it was pushed: traffic waits for no other service. */
  first(work: () => Promise<unknown>): void {
    this.#first.push(work);
  }

  /** Newest first. Each step retries by itself; one that fails for good does not keep the others from being done. */
  async run(promoted: boolean): Promise<string[]> {
    const faults: string[] = [];
    const urgent = this.#first.map((work) => ({ always: false, work }));
    for (const step of [...this.#steps, ...urgent].toReversed()) {
      if (promoted && !step.always) continue;
      try {
        await step.work();
      } catch (error) {
        faults.push(error instanceof Error ? error.message : String(error));
      }
    }
    this.#steps = [];
    this.#first = [];
    return faults;
  }
}
