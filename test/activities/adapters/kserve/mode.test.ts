import { expect, test } from '@jest/globals';
import { modeOf, requireMode } from '../../../../activities/adapters/kserve/mode.ts';
import type { KserveMode } from '../../../../activities/adapters/kserve/mode.ts';
import { MODE_KEY } from '../../../../activities/adapters/kserve/objects.ts';
import { service } from './service.ts';

const live = (annotated?: string, deploymentMode?: string) =>
  service({
    ...(annotated === undefined ? {} : { annotations: { [MODE_KEY]: annotated } }),
    ...(deploymentMode === undefined ? {} : { status: { deploymentMode } }),
  });

test.each<[string | undefined, string | undefined, KserveMode]>([
  ['Standard', undefined, 'standard'],
  ['RawDeployment', 'RawDeployment', 'standard'],
  // KServe has renamed its modes: an old annotation and a new report are the same mode.
  ['RawDeployment', 'Standard', 'standard'],
  [undefined, 'Standard', 'standard'],
  ['Serverless', 'Knative', 'knative'],
  [undefined, 'Serverless', 'knative'],
])('annotation %s and status %s are mode %s', (annotated, reported, mode) => {
  expect(modeOf(live(annotated, reported))).toBe(mode);
  expect(() => requireMode(live(annotated, reported), mode)).not.toThrow();
});

test.each<[string | undefined, string | undefined, KserveMode, RegExp]>([
  ['Standard', 'Standard', 'knative', /Standard.*expected Knative \(Serverless\).*write traffic\.mode: standard/],
  [
    undefined,
    'Serverless',
    'standard',
    /status\.deploymentMode: Serverless.*expected Standard.*traffic\.mode: knative/,
  ],
  // The report is what KServe does; an annotation that says something else was added later and has no effect.
  ['Standard', 'Serverless', 'standard', /Standard and status\.deploymentMode: Serverless.*create it anew/],
  ['ModelMesh', undefined, 'standard', /ModelMesh.*annotate it with serving\.kserve\.io\/deploymentMode: Standard/],
  [undefined, undefined, 'standard', /no annotation.*no status\.deploymentMode.*or wait until KServe has reported/],
])('annotation %s and status %s are refused for mode %s, with what was found and what to do', (...row) => {
  const [annotated, reported, wanted, said] = row;
  expect(() => requireMode(live(annotated, reported), wanted)).toThrow(said);
});

test('where annotation and report disagree the report is what KServe does', () => {
  expect(modeOf(live('Standard', 'Serverless'))).toBe('knative');
});
