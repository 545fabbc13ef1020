import { readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { present } from '../present.ts';

test('a server may take as long as its policy says: no time-out of the activity ends the wait before', async () => {
  const options = await readFile(new URL('../../workflows/activity-options.ts', import.meta.url), 'utf8');
  const name = present(/^ {2}ensureServer: '(?<name>\w+)'/m.exec(options)?.groups?.['name']);
  const body = new RegExp(`^ {2}${name}: \\{(?<body>.*?)^ {2}\\}`, 'ms').exec(options)?.groups?.['body'];
  expect(body).toContain("startToCloseTimeout: '1 d'");
  // Of a worker that dies meanwhile its silence tells.
  expect(body).toMatch(/heartbeatTimeout: '\d+ s'/);
});
