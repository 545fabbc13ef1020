import { createApproval } from './approval.ts';
import { createBaseline } from './baseline.ts';
import { createClosing } from './closing.ts';
import { allBeating } from './context.ts';
import type { ActivitySettings, Ports } from './context.ts';
import { createDataChecks } from './data-checks.ts';
import { createCounting } from './counting.ts';
import { createDataset } from './dataset.ts';
import { createDrift } from './drift.ts';
import { withFailures } from './failures.ts';
import { createJobs } from './job.ts';
import { createLoadRun } from './load-run.ts';
import { createOpening } from './opening.ts';
import { createPrediction } from './prediction.ts';
import { createPromotion } from './promotion.ts';
import { createPull } from './pull.ts';
import { createRegistration } from './registration.ts';
import { createRollback } from './rollback.ts';
import { createRollout } from './rollout.ts';
import { createRouting } from './routing.ts';
import { createScorecard } from './scorecard.ts';
import { createServing } from './serving.ts';
import { createShadow } from './shadow.ts';
import { createSkew } from './skew.ts';
import type { Telemetry } from './telemetry.ts';
import { createTraining } from './training.ts';
import { createTrigger } from './trigger.ts';

/** Every activity, each one retryable step; failures leave here typed. */
export function createActivities(ports: Ports, settings: ActivitySettings, telemetry: Telemetry) {
  return withFailures({
    ...createTrigger(ports, telemetry),
    ...createOpening(ports, settings),
    ...createDrift(ports, telemetry),
    ...createCounting(ports),
    ...createBaseline(ports),
    ...createPull(ports, settings),
    ...createDataset(ports, settings),
    ...createDataChecks(ports, telemetry),
    ...createTraining(ports, settings, telemetry),
    ...createRegistration(ports),
    ...createJobs(ports, settings, telemetry),
    ...createPrediction(ports, settings),
    ...createServing(ports),
    ...createLoadRun(ports, settings),
    ...createScorecard(ports, settings),
    ...allBeating(createRouting(ports, telemetry)),
    ...createShadow(ports, settings),
    ...createSkew(ports, settings, telemetry),
    ...createApproval(ports, settings, telemetry),
    ...createRollout(ports),
    ...createRollback(ports, telemetry),
    ...allBeating(createPromotion(ports)),
    ...createClosing(ports, telemetry),
  });
}

export type Activities = ReturnType<typeof createActivities>;
