#!/usr/bin/env node
import { existsSync } from 'node:fs';

const entry = new URL('../dist/clients/cli.js', import.meta.url);
if (existsSync(entry)) await import(entry.href);
else {
  process.stderr.write('error: understudy is not built yet\n  next  node infra/setup.mjs\n');
  process.exitCode = 69;
}
