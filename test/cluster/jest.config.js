import base from '../../jest.config.js';

/** Suites that need a cluster: `npm run cluster:up` first, or KUBECONFIG. One at a time, for there is one node. */
export default {
  ...base,
  rootDir: '../..',
  testMatch: ['<rootDir>/test/cluster/**/*.cluster.ts'],
  maxWorkers: 1,
  testTimeout: 120_000,
  globalSetup: '<rootDir>/test/cluster/global-setup.ts',
};
