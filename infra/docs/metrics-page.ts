import { defineMeters } from '../../workers/meters.ts';
import { code, generatedFrom, table } from './markdown.ts';
import type { Page } from './markdown.ts';

const INTRODUCTION = `# Metrics

Each worker process answers Prometheus at \`/metrics\` (\`worker.metricsPort\`, 9464 unless set). Several workers are several
targets: add them up in the query. Times are seconds, shares are 0 to 1. Beside these there are the usual process metrics
of Node, with the same prefix.

The gateway counts requests itself; the canary is judged from the gateway's counters, not from these.`;

interface Definition {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly string[];
  readonly kind: string;
}

/** Every metric of ours, as the code defines it. */
export function metricsPage(): Page {
  const { registry, ...meters } = defineMeters();
  registry.clear();
  const rows = Object.values(meters).map((meter) => {
    const { name, help, labelNames, kind } = definitionOf(meter);
    return [code(name), kind, labelNames.map(code).join(', '), help];
  });
  const body = table(['metric', 'type', 'labels', 'meaning'], rows);
  return {
    path: 'docs/metrics.md',
    text: `${[generatedFrom('workers/meters.ts'), INTRODUCTION, body].join('\n\n')}\n`,
  };
}

/** What prom-client keeps of a definition; its types do not name these fields. */
function definitionOf(meter: object): Definition {
  const { name, help, labelNames } = meter as Omit<Definition, 'kind'>;
  return { name, help, labelNames, kind: meter.constructor.name.toLowerCase() };
}
