import { messageOf } from '../error-code.ts';
import type { StackPlan } from './parts.ts';
import { superviseStack } from './supervise.ts';

/** The detached process behind `stack up`. Its plan comes in the environment, which its children must not inherit. */
const stop = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop.abort());
// The parts are not waited for by the event loop; this keeps it turning.
const alive = setInterval(() => undefined, 60_000);

const text = process.env['UNDERSTUDY_STACK_PLAN'];
delete process.env['UNDERSTUDY_STACK_PLAN'];
if (text === undefined) throw new Error('the supervisor is started by `understudy stack up`, not by hand');
const plan: StackPlan = JSON.parse(text);
try {
  await superviseStack(plan, stop.signal);
} catch (cause) {
  console.error(messageOf(cause));
  process.exitCode = 69;
} finally {
  clearInterval(alive);
}
