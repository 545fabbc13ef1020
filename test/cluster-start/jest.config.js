import base from '../../jest.config.js';

/** How the test cluster starts and ends; it must be down. Its programs are built before by `npm run cluster:up`. */
export default {
  ...base,
  rootDir: '../..',
  testMatch: ['<rootDir>/test/cluster-start/**/*.start.ts'],
  maxWorkers: 1,
  testTimeout: 300_000,
};
