import { commandsPage } from './commands-page.ts';
import { coveragePage, findProofs } from './coverage-page.ts';
import { diagnosticsPage } from './diagnostics-page.ts';
import { failuresPage } from './failures-page.ts';
import type { Page } from './markdown.ts';
import { metricsPage } from './metrics-page.ts';
import { policyPage } from './policy-page.ts';

/** The reference: every page that is made from the code, with its text. `root` is the folder of the repository. */
export function pages(root: string): readonly Page[] {
  return [
    commandsPage(),
    policyPage(),
    diagnosticsPage(),
    failuresPage(),
    metricsPage(),
    coveragePage(findProofs(root)),
  ];
}
