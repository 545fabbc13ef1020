import { DefaultLogger, Runtime } from '@temporalio/worker';

/** Once per test file, before any connection: only errors are worth reading in a test's output. */
try {
  Runtime.install({
    logger: new DefaultLogger('ERROR'),
    telemetryOptions: { logging: { forward: {}, filter: { core: 'ERROR', other: 'ERROR' } } },
  });
} catch {
  // Another file of this process has already done it.
}
