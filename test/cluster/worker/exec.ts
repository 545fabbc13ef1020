import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { Exec } from '@kubernetes/client-node';
import type { KubeConfig, V1Pod, V1Status } from '@kubernetes/client-node';
import { present } from '../../present.ts';

export interface Executed {
  /** What the program ended with. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program in the first container of a pod, to its end. */
export async function execIn(config: KubeConfig, pod: V1Pod, command: readonly string[]): Promise<Executed> {
  const { name, namespace } = present(pod.metadata);
  const container = present(pod.spec?.containers[0]).name;
  const [out, err] = [new PassThrough(), new PassThrough()];
  const said = Promise.all([text(out), text(err)]);
  const ended = new Promise<V1Status>((resolve, reject) => {
    const run = new Exec(config).exec(
      present(namespace),
      present(name),
      container,
      [...command],
      out,
      err,
      null,
      false,
      resolve,
    );
    run.catch(reject);
  });
  const code = codeOf(await ended);
  out.end();
  err.end();
  const [stdout, stderr] = await said;
  return { code, stdout, stderr };
}

function codeOf({ details, message, status }: V1Status): number {
  if (status === 'Success') return 0;
  const cause = details?.causes?.find(({ reason }) => reason === 'ExitCode');
  if (cause?.message === undefined) throw new Error(`the program could not be run: ${message}`);
  return Number(cause.message);
}
