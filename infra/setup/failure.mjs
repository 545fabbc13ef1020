/** What a person must see: one sentence with the cure, and the exit code that goes with it. */
export class SetupFailure extends Error {
  constructor(exitCode, message, options) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

const refusals = {
  EACCES: 'permission denied; make it writable or use a copy in a folder of your own',
  EPERM: 'not permitted; make it writable or use a copy in a folder of your own',
  EROFS: 'the file system is read-only; use a copy in a folder of your own',
  ENOSPC: 'the disk is full; free some space',
  EEXIST: 'a file stands where a folder is needed; move it away',
  ENOTDIR: 'a file stands where a folder is needed; move it away',
};

/** A refused write to the disk as a sentence; everything else as it is. */
export function explainDisk(cause, path) {
  const reason = refusals[cause?.code];
  if (reason === undefined) return cause;
  return new SetupFailure(78, `cannot write ${cause.path ?? path}: ${reason}, then run it again`, { cause });
}
