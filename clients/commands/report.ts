import type { Command } from 'commander';
import { declare, does } from '../declare-command.ts';
import { CliFailure, EXIT } from '../failure.ts';

const FORMS = ['md', 'html', 'json'] as const;

/** `understudy report`: why a run ended as it did, from the evidence store alone, on stdout. */
export function registerReport(program: Command): void {
  const command = declare(program, 'report', {
    summary: 'say why a run ended as it did',
    example: 'understudy report flights-late -o html > report.html',
    forms: FORMS,
  }).argument('<run>', 'run id, or the model: its last run');
  does<{ readonly output?: (typeof FORMS)[number] }>(command, async (screen, [name = ''], { output = 'md' }) => {
    const { digestOfReport, gatherReport } = await import('../report/gather.ts');
    const { newestRun } = await import('../kept-run.ts');
    const { portsFor } = await import('../wired-ports.ts');
    const ports = await portsFor(screen);
    const run = await newestRun(ports, name);
    const report = run === undefined ? undefined : await gatherReport(ports, run);
    if (!report)
      throw new CliFailure(
        EXIT.notFound,
        `nothing is on record about ${name}`,
        'understudy get, or understudy history MODEL',
      );
    const digest = digestOfReport(report);
    if (output === 'json') {
      screen.out.write(`${JSON.stringify({ ...report, digest: `sha256:${digest}` }, undefined, 2)}\n`);
      return EXIT.ok;
    }
    const { tell } = await import('../report/story.ts');
    const story = tell(report);
    const { renderHtml } = await import('../report/html.ts');
    const { renderMarkdown } = await import('../report/markdown.ts');
    const drift = report.drift ? [report.drift.reason, ...report.drift.top.map(({ sentence }) => sentence)] : [];
    const performed = report.drift?.performance;
    const { features = [], verdict } = report;
    const more = {
      digest,
      drift,
      features,
      ...(performed ? { performance: performed } : {}),
      ...(verdict ? { verdict } : {}),
    };
    screen.out.write(output === 'html' ? renderHtml(story, more) : renderMarkdown(story, digest));
    return EXIT.ok;
  });
}
