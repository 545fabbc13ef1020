import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Client } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { connectWhenReady } from '../../infra/stack/bootstrap.ts';
import { searchAttributes } from '../../infra/stack/search-attributes.ts';
import { packageRoot } from '../../infra/package-root.ts';
import { temporalServer } from '../servers.ts';

let client: Client;
let page: string;

beforeAll(async () => {
  page = await readFile(path.join(packageRoot(), 'docs', 'operations.md'), 'utf8');
  const { address, namespace } = await temporalServer();
  client = new Client({ connection: await connectWhenReady(address, { withinMs: 5000 }, namespace), namespace });
}, 60_000);
afterAll(async () => client.connection.close());

/** The queries of the table below a heading. */
function queriesBelow(heading: string): string[] {
  const [, section = ''] = page.split(`## ${heading}\n`);
  const [table = ''] = section.split('\n## ');
  return [...table.matchAll(/^\|[^|]*\| `(.*?)` +\|$/gm)].map(([, query = '']) => query);
}

describe('the views for the Temporal UI', () => {
  test('are understood by a real server', async () => {
    const queries = queriesBelow('Views for the Temporal UI');
    expect(queries.length).toBeGreaterThan(5);
    const counted = await Promise.all(queries.map(async (query) => client.workflow.count(query)));
    expect(counted.every(({ count }) => count >= 0)).toBe(true);
  });

  test('use every search attribute of ours, or the text below them names it', () => {
    expect(Object.keys(searchAttributes).filter((name) => !page.includes(name))).toEqual([]);
  });

  test('a query that the server does not understand is refused', async () => {
    await expect(client.workflow.count("RetrainNobody = 'x'")).rejects.toThrow('Failed to count workflows');
  });
});
