import { cleanUp } from './clean-up.ts';
import { runAsProgram, say } from './failure.ts';
import { checkMachine } from './machine.ts';

await runAsProgram(async () => {
  checkMachine();
  say((await cleanUp()) ? 'the cluster is down' : 'there is no cluster to take down');
});
