import type { Policy } from '../../scorecards/policy/schema.ts';

export type HttpProtocol = NonNullable<Policy['spec']['serving']>['http'];

/** Who starts model servers. A server outlives worker and CLI; whoever asks later finds it by model and version. */
export interface Serving {
  /**
   * Starts the server or adopts the running one; answers once it is ready and names this version. Rejects within a second or
   * so when the signal aborts, and leaves the server to whoever stops it.
   */
  ensure(server: ServerRequest, signal?: AbortSignal): Promise<RunningServer>;
  /** Nothing there is `undefined`. A dead process is nothing, and so are pods of which none is ready. */
  find(model: string, version: string): Promise<RunningServer | undefined>;
  /** Asks the server itself, each of its pods, whether it is ready as this version; a refused connection is `false`. */
  ready(server: RunningServer, http: HttpProtocol): Promise<boolean>;
  /** Stops it with all its processes or pods, and returns when they are gone. Nothing there is success. */
  stop(model: string, version: string): Promise<void>;
  /** All servers of a model that live. */
  list(model: string): Promise<readonly RunningServer[]>;
}

export interface ServerRequest {
  readonly model: string;
  readonly version: string;
  /** Directory of the artifact; empty where KServe fetches it itself. */
  readonly artifact: string;
  readonly command: readonly string[];
  readonly folder: string;
  readonly readyWithinMs: number;
  readonly http: HttpProtocol;
  /** What it asks of a cluster; absent: a process of the worker's machine. */
  readonly placement?: ServerPlacement;
  /** Which model KServe is to serve with its own servers; `command` is not run then. */
  readonly kserve?: KserveHost;
}

/** A version as a predictor of an InferenceService that is there already. */
export interface KserveHost {
  /** The InferenceService, which is also the route. */
  readonly service: string;
  /** Which of KServe's canary APIs. */
  readonly mode: 'standard' | 'knative';
  /** Where KServe fetches this version's model from. */
  readonly storageUri: string;
}

/** A server as pods. An empty `command` means that of the image. What is not asked for is as the champion has it. */
export interface ServerPlacement {
  readonly backend: 'kubernetes';
  /** `name@sha256:…` */
  readonly image: string;
  /** By which run it is first asked for; a label, no part of its identity. */
  readonly run?: string;
  readonly team?: string;
  readonly costCentre?: string;
  /** Fewest pods. It never gets fewer than the champion has, whose traffic it may have to take over. */
  readonly replicas?: number;
  /** Of each pod. */
  readonly cpu?: number;
  /** Bytes. */
  readonly memory?: number;
  /** Devices `nvidia.com/gpu`. */
  readonly gpu?: number;
  /** The version that serves now: what nobody asks for is taken over from its server. */
  readonly champion?: string;
}

export interface RunningServer {
  readonly name: string;
  readonly model: string;
  readonly version: string;
  /** What a gateway routes to: an address of this machine, or `http://<service>.<namespace>.svc:<port>` of a cluster. */
  readonly url: string;
  /**
   * Base URLs at which the worker itself reaches the pods that are ready now, one each; absent: `url`. They are gone with
   * their pods, so ask again before use.
   */
  readonly direct?: readonly string[];
  /** Directory of its serving log, `day=YYYY-MM-DD/*.parquet`. */
  readonly log: string;
}
