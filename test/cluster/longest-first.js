/** What takes minutes begins first, so that nothing else has to wait for it alone; by measured times. */
const LONG = [
  'lifecycle/flights',
  // Builds Contour where nobody has yet.
  'contour/contour',
  'training/attempts',
  'training/pods',
  'serving/contract',
  'privileges/privileges',
  'serving/lifetime',
  'worker/worker',
  'training/leaving',
  'failures/disrupted',
];
/** What looks back on the others. */
const LAST = 'privileges/log';

/** The order in which jest begins the suites of the cluster. */
export default class LongestFirst {
  sort(tests) {
    return [...tests].sort((a, b) => rank(a.path) - rank(b.path));
  }

  allFailedTests(tests) {
    return tests;
  }

  cacheResults() {
    // Times of earlier runs are not kept: CI has none.
  }
}

function rank(file) {
  const at = LONG.findIndex((part) => file.includes(part));
  if (at !== -1) return at;
  return file.includes(LAST) ? LONG.length + 1 : LONG.length;
}
