import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { parseAllDocuments } from 'yaml';
import { packageRoot } from './package-root.ts';

/** A Role of `infra/kubernetes`, and the file that it stands in. */
export interface ShippedRole {
  readonly name: string;
  readonly file: string;
  readonly rules: readonly {
    readonly apiGroups: readonly string[];
    readonly resources: readonly string[];
    readonly resourceNames?: readonly string[];
    readonly verbs: readonly string[];
  }[];
}

/** The Roles that we ship, from the manifests themselves; none where an installation left them out. */
export async function shippedRoles(): Promise<readonly ShippedRole[]> {
  const folder = path.join(packageRoot(), 'infra', 'kubernetes');
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const files = names.filter((file) => /(^|\/)roles?[^/]*\.yaml$/.test(file));
  const read = files.toSorted().map(async (file) => {
    const documents = parseAllDocuments(await readFile(path.join(folder, file), 'utf8'));
    const objects = documents.map((document) => document.toJS() as Manifest);
    const roles = objects.filter(({ kind }) => kind === 'Role');
    return roles.map(({ metadata, rules = [] }) => ({ name: metadata.name, file, rules }));
  });
  return (await Promise.all(read)).flat();
}

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly rules?: ShippedRole['rules'];
}
