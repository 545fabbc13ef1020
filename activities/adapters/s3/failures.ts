import { PortFailure, type PortFailureCode } from '../../ports/port-failure.ts';

interface Said {
  readonly name?: string;
  readonly message?: string;
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** What a server or the SDK says → what it means. The first that fits counts. */
const MEANINGS: readonly { readonly says: RegExp; readonly code: PortFailureCode }[] = [
  { says: /checksum mismatch/i, code: 'object-digest' },
  // Of this machine, while bytes are written down.
  { says: /\b(ENOSPC|EDQUOT|EROFS)\b/, code: 'storage' },
  { says: /^(NoSuchKey|NoSuchBucket|NotFound)\b/, code: 'not-found' },
  {
    says: /^(SignatureDoesNotMatch|InvalidAccessKeyId|ExpiredToken|InvalidToken|CredentialsProviderError)\b/,
    code: 'unauthorised',
  },
  { says: /^(AccessDenied|Forbidden)\b/, code: 'forbidden' },
  { says: /^PreconditionFailed\b/, code: 'object-exists' },
  { says: /^ConditionalRequestConflict\b/, code: 'conflict' },
  { says: /^(SlowDown|TooManyRequests|ThrottlingException)\b/, code: 'rate-limited' },
  { says: /^NotImplemented\b/, code: 'unsupported' },
  { says: /^TimeoutError\b/, code: 'timeout' },
];

const STATUS: Readonly<Record<number, PortFailureCode>> = {
  400: 'bad-request',
  401: 'unauthorised',
  403: 'forbidden',
  404: 'not-found',
  409: 'conflict',
  412: 'object-exists',
  429: 'rate-limited',
  501: 'unsupported',
};

/** The SDK's error as a failure of the port; one of ours passes unchanged. What has no meaning of its own: the server is away. */
export function s3Failure(error: unknown, doing: string, uri: string): PortFailure {
  if (error instanceof PortFailure) return error;
  const { name = 'Error', message = '', code, $metadata } = (error ?? {}) as Said;
  const said = [name, code, message].filter((part) => part !== undefined && part !== '').join(': ');
  const status = $metadata?.httpStatusCode;
  const meaning = MEANINGS.find(({ says }) => says.test(said))?.code ?? STATUS[status ?? 0] ?? 'unavailable';
  return new PortFailure(meaning, `cannot ${doing} ${uri}: ${said}`, {
    cause: error,
    details: { uri, ...(status === undefined ? {} : { status }) },
  });
}
