import { cleanUp } from './clean-up.ts';
import { say } from './failure.ts';
import { runAsProgram } from './program.ts';

await runAsProgram(async () => {
  say((await cleanUp()) ? 'the cluster is down' : 'there is no cluster to take down');
});
