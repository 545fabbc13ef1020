import type { Command } from 'commander';
import { declare, does } from '../declare-command.ts';
import { EXIT } from '../failure.ts';
import type { ModelLine } from '../model-lines.ts';
import { answer, talk } from '../terminal.ts';

/** `understudy get`: every model on one line, who needs a person first. */
export function registerGet(program: Command): void {
  const command = declare(program, 'get', {
    summary: 'list models: what serves, what runs, who needs a person',
    example: 'understudy get',
  }).argument('[model]', 'only this one');
  does(command, async (screen, [model = '']) => {
    const { withSession } = await import('../connect.ts');
    const { listModels } = await import('../runs.ts');
    const { modelLines } = await import('../model-lines.ts');
    const { portsFor } = await import('../wired-ports.ts');
    const { renderTable } = await import('../table.ts');
    const { registry } = await portsFor(screen);
    const items = await withSession(screen, async (session) =>
      modelLines(session, registry, model === '' ? await listModels(session) : [model]),
    );
    if (items.length === 0) talk(screen, 'no model yet; next: understudy apply -f POLICY');
    if (items.some(({ champion }) => champion === undefined))
      talk(screen, 'the registry does not answer, so champions are not known; next: understudy doctor');
    const table = { head: ['MODEL', 'SERVES', 'STATE', 'STOP', 'NEXT'], rows: items.map(cells) };
    answer(screen, { items }, () => renderTable(table, screen.columns));
    return EXIT.ok;
  });
}

function cells({ champion, model, next, paused, run, stop }: ModelLine): string[] {
  const serves = champion === undefined ? '?' : champion === null ? '-' : `v${champion.version}`;
  const weight = run && run.weightPercent > 0 ? ` ${run.weightPercent} %` : '';
  const busy = run ? `${run.needsHuman ? '! ' : '▶ '}${run.stage}${weight}` : 'idle';
  return [model, serves, paused ? `paused by ${paused.by}` : busy, stop, next];
}
