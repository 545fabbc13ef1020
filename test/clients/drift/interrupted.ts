/** For Node's `--import`: sends SIGINT as soon as the program listens for it, so at work and no sooner. */
export const INTERRUPTED = `data:text/javascript,${encodeURIComponent(`process.on('newListener', (event) => {
  if (event === 'SIGINT') setImmediate(() => process.kill(process.pid, 'SIGINT'));
});`)}`;
