import type { RunSheet } from '../scorecards/run-sheet.ts';
import { abortUpdate, rollbackUpdate } from '../workflows/messages.ts';
import type { PersonsWord } from '../workflows/messages.ts';
import { confirmModel } from './confirm.ts';
import type { Session } from './connect.ts';
import { CliFailure, EXIT } from './failure.ts';
import { runNamed, sheetOf } from './runs.ts';
import { talk } from './terminal.ts';
import type { Screen } from './terminal.ts';

export interface StopOrder {
  /** RUN or MODEL. */
  readonly name: string;
  readonly kind: 'abort' | 'rollback';
  readonly word: PersonsWord;
  readonly yes: boolean;
}

/** Shows now and after, asks, and tells the run to stop. Throws CliFailure 5 when it has ended already. */
export async function stopRun(session: Session, screen: Screen, order: StopOrder) {
  const run = await runNamed(session, order.name);
  const sheet = await sheetOf(session, run);
  const { ended } = sheet;
  if (ended)
    throw new CliFailure(
      EXIT.notFound,
      `${run} has already ended: ${ended.outcome}, ${ended.reason}`,
      `understudy report ${run}`,
    );
  for (const line of beforeAndAfter(sheet)) talk(screen, line);
  if (!order.yes) await confirmModel(screen, order.kind === 'abort' ? 'abort' : 'roll back', sheet.model);
  const handle = session.client.workflow.getHandle(run);
  const update = order.kind === 'abort' ? abortUpdate : rollbackUpdate;
  const got = await session.ask(`${run} to stop`, () => handle.executeUpdate(update, { args: [order.word] }));
  return { run, model: sheet.model, ...got };
}

function beforeAndAfter({ challenger, champion, stage, weightPercent }: RunSheet): string[] {
  const serves = champion ? `v${champion.version}` : 'nothing';
  const shared =
    weightPercent > 0 && challenger?.version !== undefined ? `   v${challenger.version} ${weightPercent} %` : '';
  return [
    `now     ${serves} ${100 - weightPercent} %${shared}   (stage ${stage})`,
    `after   ${serves} 100 %; the run has ended`,
  ];
}
