import type { Command } from 'commander';
import { declare, does } from '../declare-command.ts';
import { EXIT } from '../failure.ts';
import { answer } from '../terminal.ts';

/** `understudy describe`: every fact about a model or a run; `--graph` draws the run's order. */
export function registerDescribe(program: Command): void {
  const command = declare(program, 'describe', {
    summary: 'print every fact about a model or a run',
    example: 'understudy describe flights-late --graph',
  })
    .argument('<name>', 'name of the policy, or a run id')
    .option('--graph', 'draw what runs after and beside what');
  does<{ readonly graph?: true }>(command, async (screen, [name = ''], { graph }) => {
    const { withSession } = await import('../connect.ts');
    const { isRunId, runNamed, sheetOf, watchOf } = await import('../runs.ts');
    const { describeModel, describeRun } = await import('../describe.ts');
    const { portsFor } = await import('../wired-ports.ts');
    return withSession(screen, async (session) => {
      if (graph) {
        const { graphOf, renderGraph } = await import('../run-graph.ts');
        const sheet = await sheetOf(session, await runNamed(session, name));
        const { applied } = await watchOf(session, sheet.model);
        const drawn = graphOf(sheet, applied?.policy.spec.serving !== undefined);
        answer(screen, { run: sheet.run, ...drawn }, () => renderGraph(drawn));
        return EXIT.ok;
      }
      const ports = await portsFor(screen);
      const facts = await (isRunId(name) ? describeRun(session, ports, name) : describeModel(session, ports, name));
      const width = Math.max(...facts.lines.map(([key]) => key.length));
      answer(screen, facts.document, () =>
        facts.lines.map(([key, text]) => `${key.padEnd(width)}  ${text}`).join('\n'),
      );
      return EXIT.ok;
    });
  });
}
