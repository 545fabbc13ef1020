import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { JSON_SCHEMA_NAMES, jsonSchema } from '../../scorecards/json-schema.ts';

/** Writes `scorecards/schemas/*.json` from the zod schemas. Run it after changing one: npx tsx infra/setup/write-schemas.ts */
const folder = fileURLToPath(new URL('../../scorecards/schemas', import.meta.url));
mkdirSync(folder, { recursive: true });
for (const name of JSON_SCHEMA_NAMES) {
  writeFileSync(path.join(folder, `${name}.json`), `${JSON.stringify(jsonSchema(name), undefined, 2)}\n`);
}
