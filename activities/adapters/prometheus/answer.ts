import { z } from 'zod';
import type { AbsenceReason, InstantAnswer } from '../../ports/metrics-query.ts';

const sample = z.tuple([z.number(), z.string()]);

/** What `/api/v1/query` answers. Native histograms have `histogram` in the place of `value`. */
export const querySchema = z.object({
  status: z.literal('success'),
  warnings: z.array(z.string()).default([]),
  data: z.discriminatedUnion('resultType', [
    z.object({ resultType: z.literal('scalar'), result: sample }),
    z.object({ resultType: z.literal('vector'), result: z.array(z.object({ value: sample.optional() })) }),
    z.object({ resultType: z.literal('matrix'), result: z.unknown() }),
    z.object({ resultType: z.literal('string'), result: z.unknown() }),
  ]),
});

/** What it answers to a query that it will not answer. */
export const refusalSchema = z.object({ status: z.literal('error'), errorType: z.string(), error: z.string() });

/** `/api/v1/rules?type=alert`, as far as rules are counted. */
export const rulesSchema = z.object({
  status: z.literal('success'),
  data: z.object({ groups: z.array(z.object({ rules: z.array(z.object({ type: z.string() })) })) }),
});

const TOLD = 300;

/** The one number in an answer, or why there is none. A partial answer is none: what it leaves out may be the bad part. */
export function numberIn({ data, warnings }: z.output<typeof querySchema>): InstantAnswer {
  const [warning] = warnings.filter((text) => !text.startsWith('PromQL info:'));
  if (warning !== undefined) return absent('partial', `Prometheus warned of its answer: ${shortened(warning)}`);
  if (data.resultType === 'scalar') return finite(data.result[1]);
  if (data.resultType !== 'vector')
    return absent('no-number', `Prometheus answered a ${data.resultType}, expected one number`);
  const [first, ...others] = data.result;
  if (first === undefined) return absent('empty', 'Prometheus has no series for the query');
  if (others.length > 0) {
    return absent(
      'several',
      `Prometheus answered ${others.length + 1} series, expected one: aggregate them, as with sum()`,
    );
  }
  if (first.value === undefined) return absent('no-number', 'Prometheus answered a histogram, expected one number');
  return finite(first.value[1]);
}

/** Prometheus writes numbers as text: `NaN` and `+Inf` are none that JSON knows. */
function finite(text: string): InstantAnswer {
  const value = Number(text);
  if (text !== '' && Number.isFinite(value)) return { kind: 'number', value };
  return absent(
    'not-finite',
    `Prometheus answered ${shortened(text)}, as a division by zero does, expected a finite number`,
  );
}

/** A query that Prometheus refuses, in its own words. */
export const refused = (error: string): InstantAnswer =>
  absent('refused', `Prometheus refused the query: ${shortened(error)}`);

const absent = (reason: AbsenceReason, why: string): InstantAnswer => ({ kind: 'absent', reason, why });

const shortened = (text: string): string => (text.length > TOLD ? `${text.slice(0, TOLD)}…` : text);
