import type { Policy } from '../../scorecards/policy/schema.ts';

export type HttpProtocol = NonNullable<Policy['spec']['serving']>['http'];

/** Who starts model servers. A server outlives worker and CLI; whoever asks later finds it by model and version. */
export interface Serving {
  /** Starts the server or adopts the running one; answers once it is ready and names this version. */
  ensure(server: ServerRequest): Promise<RunningServer>;
  /** Nothing there is `undefined`. A dead process is nothing. */
  find(model: string, version: string): Promise<RunningServer | undefined>;
  /** Asks the server itself whether it is ready; a refused connection is `false`. */
  ready(server: RunningServer, http: HttpProtocol): Promise<boolean>;
  /** Stops it and its whole process group. Nothing there is success. */
  stop(model: string, version: string): Promise<void>;
  /** All servers of a model that live. */
  list(model: string): Promise<readonly RunningServer[]>;
}

export interface ServerRequest {
  readonly model: string;
  readonly version: string;
  /** Directory of the artifact. */
  readonly artifact: string;
  readonly command: readonly string[];
  readonly folder: string;
  readonly readyWithinMs: number;
  readonly http: HttpProtocol;
}

export interface RunningServer {
  readonly name: string;
  readonly model: string;
  readonly version: string;
  readonly url: string;
  /** Directory of its serving log, `day=YYYY-MM-DD/*.parquet`. */
  readonly log: string;
}
