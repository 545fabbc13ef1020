import { Document, isScalar, isSeq, Scalar } from 'yaml';
import { formatValue, policyShape } from './catalogue.ts';
import type { Resolution } from './resolve.ts';
import { pathOf } from './rule.ts';
import { shapeAt } from '../diagnostics/shape.ts';
import type { Shape } from '../diagnostics/shape.ts';

/** A resolved policy as YAML that can be read in again, each value with its origin as a comment. */
export function printResolved({ policy, origins }: Pick<Resolution, 'policy' | 'origins'>): string {
  const document = new Document(written(policy, policyShape()));
  for (const [field, origin] of origins) {
    const node = document.getIn(pathOf(field), true);
    if (isSeq(node)) node.flow = true;
    if (isScalar(node) || isSeq(node)) node.comment = ` ${origin}`;
  }
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

/** Resolved values as one would write them: 86400000 becomes `24h` again. */
function written(value: unknown, shape: Shape | undefined): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => written(item, shape?.item));
  if (typeof value === 'object' && value !== null) {
    const fields = Object.entries(value).filter(([, field]) => field !== undefined);
    return Object.fromEntries(fields.map(([name, field]) => [name, written(field, fieldShape(shape, name))]));
  }
  const hasUnit = shape?.unit !== undefined && shape.unit !== 'percent';
  return hasUnit ? new Scalar(formatValue(value, shape)) : value;
}

function fieldShape(shape: Shape | undefined, name: string): Shape | undefined {
  return shape === undefined ? undefined : shapeAt(shape, [name]);
}
