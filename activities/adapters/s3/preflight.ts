import { PortFailure } from '../../ports/port-failure.ts';
import type { PreflightFinding } from '../../ports/preflight.ts';
import { probeOf, refuseOverwriting } from './conditional-writes.ts';
import { splitPattern, wantedObjects } from './mirror-plan.ts';
import type { S3Objects } from './objects.ts';

/** Looks whether objects can be used as they will be; never throws for what it finds. */
export interface ObjectsPreflight {
  /**
   * Whether evidence can be kept below `s3://bucket/prefix`: listed, written under a condition that the server keeps, and
   * read. It leaves the one small object that the first run would leave.
   */
  evidence(uri: string): Promise<PreflightFinding>;
  /** Whether data of a pattern such as `s3://bucket/data/day=*\/*.parquet` can be listed and read. Writes nothing. */
  data(pattern: string): Promise<PreflightFinding>;
}

/** So many names are looked through for one that fits the pattern. */
const SAMPLE = 1000;

export function createObjectsPreflight(objects: S3Objects): ObjectsPreflight {
  return {
    evidence: async (given) => {
      const uri = given.replace(/\/+$/, '');
      return await found('s3 evidence', EVIDENCE, async () => {
        await objects.list(probeOf(uri), { atLeast: 1 });
        await refuseOverwriting(objects, uri);
        await objects.read(probeOf(uri));
        return { state: 'ok', text: `${uri} can be written and read, and keeps what was written first` };
      });
    },
    data: async (path) =>
      await found('s3 data', DATA, async () => {
        const pattern = splitPattern(path);
        const listed = await objects.list(`${pattern.root}day=`, { atLeast: SAMPLE });
        const [first] = wantedObjects(pattern, listed, undefined).values();
        if (first === undefined && listed.length >= SAMPLE)
          return {
            state: 'warning',
            text: `none of the first ${listed.length} objects below ${pattern.root} is named like ${path}; not looked further`,
          };
        if (first === undefined)
          return {
            state: 'problem',
            text: `no object is named like ${path}`,
            next: `${DATA.wrong}, or deliver the data`,
          };
        await objects.readable(first);
        return { state: 'ok', text: `${path} can be listed and read` };
      }),
  };
}

interface Cures {
  /** What to correct when the place is not there or is no place. */
  readonly wrong: string;
  readonly rights: string;
}

const EVIDENCE: Cures = {
  wrong: 'create the bucket, or correct evidence.uri in understudy.config.yaml',
  rights: 's3:ListBucket on the bucket, s3:GetObject and s3:PutObject below the prefix',
};
const DATA: Cures = {
  wrong: 'correct the path in spec.data of the policy',
  rights: 's3:ListBucket on the bucket and s3:GetObject on its objects',
};

async function found(
  name: string,
  cures: Cures,
  look: () => Promise<Omit<PreflightFinding, 'name'>>,
): Promise<PreflightFinding> {
  try {
    return { name, ...(await look()) };
  } catch (error) {
    if (!(error instanceof PortFailure)) throw error;
    return { name, state: 'problem', text: error.message, next: cureOf(error, cures) };
  }
}

function cureOf({ code }: PortFailure, { rights, wrong }: Cures): string {
  if (code === 'not-found' || code === 'bad-request') return wrong;
  if (code === 'forbidden') return `grant whoever the worker is ${rights}`;
  if (code === 'unauthorised')
    return 'give the worker credentials where programs of Amazon look for them: environment, ~/.aws, web identity or instance';
  if (code === 'unsupported')
    return 'take a server that keeps the condition, or a folder: evidence: { uri: file:///… }';
  return 'check s3.endpoint and s3.region in understudy.config.yaml, and that the server runs';
}
