import { z } from 'zod';
import type { ForeignCheck, ForeignResult } from './results.ts';

const raised = z.looseObject({ raised_exception: z.boolean(), exception_message: z.string().nullish() });

/** What `ValidationResult.to_json_dict()` and the store of validation results write since version 1.0. */
const validation = z.looseObject({
  success: z.boolean(),
  results: z.array(
    z.looseObject({
      success: z.boolean(),
      expectation_config: z.looseObject({
        type: z.string(),
        kwargs: z.looseObject({ column: z.string().optional() }).optional(),
        /** Since 1.5; what an older version checks is critical. */
        severity: z.enum(['critical', 'warning', 'info']).nullish(),
      }),
      result: z.looseObject({ element_count: z.number().nullish(), unexpected_count: z.number().nullish() }).nullish(),
      /** Of the expectation, or one for each metric that raised. */
      exception_info: z.union([raised, z.record(z.string(), raised)]).nullish(),
    }),
  ),
  meta: z
    .looseObject({
      great_expectations_version: z.string().optional(),
      validation_time: z.string().nullish(),
      run_id: z.looseObject({ run_time: z.string().nullish() }).nullish(),
    })
    .optional(),
});

type Expectation = z.output<typeof validation>['results'][number];

/** Reads a validation result of Great Expectations. An expectation that raised could not judge anything and is no pass. */
export function readGreatExpectations(document: unknown): ForeignResult {
  const parsed = validation.safeParse(document);
  if (!parsed.success) return { problem: z.prettifyError(parsed.error).split('\n').slice(0, 2).join(' ') };
  const { meta, results, success } = parsed.data;
  const checks = results.map(checkOf);
  if (!success && checks.every(({ outcome }) => outcome === 'held'))
    return { problem: 'it says success: false, and every expectation in it holds' };
  const madeAt = meta?.validation_time ?? meta?.run_id?.run_time ?? undefined;
  const version = meta?.great_expectations_version;
  return { checks, ...(madeAt === undefined ? {} : { madeAt }), ...(version === undefined ? {} : { version }) };
}

function checkOf({ exception_info: thrown, expectation_config: config, result, success }: Expectation): ForeignCheck {
  const column = config.kwargs?.column;
  const message = exceptionOf(thrown);
  const { element_count: of, unexpected_count: count } = result ?? {};
  return {
    name: config.type,
    outcome: message === undefined ? (success ? 'held' : 'broken') : 'not-judged',
    severity: config.severity === 'warning' || config.severity === 'info' ? 'warn' : 'fail',
    ...(column === undefined ? {} : { column }),
    ...(typeof of === 'number' && typeof count === 'number' ? { counts: { broken: count, of } } : {}),
    ...(message === undefined ? {} : { said: message }),
  };
}

function exceptionOf(thrown: Expectation['exception_info']): string | undefined {
  const all = thrown ? ('raised_exception' in thrown ? [raised.parse(thrown)] : Object.values(thrown)) : [];
  const one = all.map((info) => raised.parse(info)).find(({ raised_exception: is }) => is);
  return one && (one.exception_message ?? 'it raised an exception').split('\n')[0];
}
