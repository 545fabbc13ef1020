import base from '../../jest.config.js';

/** Suites that need a cluster: `npm run cluster:up` first, or KUBECONFIG. Each has namespaces of its own, and mostly waits for pods. */
export default {
  ...base,
  rootDir: '../..',
  testMatch: ['<rootDir>/test/cluster/**/*.cluster.ts'],
  maxWorkers: 4,
  testSequencer: '<rootDir>/test/cluster/longest-first.js',
  testTimeout: 300_000,
  globalSetup: '<rootDir>/test/cluster/global-setup.ts',
  globalTeardown: '<rootDir>/test/cluster/global-teardown.ts',
};
