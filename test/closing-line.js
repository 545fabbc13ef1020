/** Ends every run with one plain line that any CI can read; a suite that did not load counts as failed. */
export default class ClosingLine {
  onRunComplete(_, run) {
    const failed = run.numFailedTests + run.numRuntimeErrorTestSuites;
    const skipped = run.numPendingTests + run.numTodoTests;
    const line = `${run.numPassedTests} passed, ${failed} failed, ${skipped} skipped\n`;
    process.once('exit', () => process.stdout.write(line));
  }
}
