import { GATEWAY_GROUP } from './objects.ts';
import type { HttpRoute } from './objects.ts';
import { armsOf } from './render.ts';
import { writtenOn } from './written.ts';

/** Gateway API's own word for a backend of another namespace that nobody allowed. */
const NOT_PERMITTED = 'RefNotPermitted';

/** Adds the ReferenceGrants to apply when that is what is missing. */
export function withGrants(route: HttpRoute, why: string): string {
  if (!why.includes(NOT_PERMITTED)) return why;
  const home = route.metadata.namespace ?? '';
  const grants = foreignNamespaces(route, home).map((namespace) => grantOf(home, namespace));
  return grants.length === 0 ? why : `${why}; apply:\n${grants.join('---\n')}`;
}

function foreignNamespaces(route: HttpRoute, home: string): string[] {
  const written = writtenOn(route);
  if (written === undefined) return [];
  const { challenger, champion, shadow } = armsOf(written.route);
  const used = [champion, challenger, shadow].flatMap((arm) => (arm === undefined ? [] : [arm.namespace]));
  return [...new Set(used)].filter((namespace) => namespace !== home);
}

/** Lives where the Services are: their owner says that routes of `from` may point at them. */
function grantOf(from: string, namespace: string): string {
  return `apiVersion: ${GATEWAY_GROUP}/v1beta1
kind: ReferenceGrant
metadata: { name: routes-of-${from}, namespace: ${namespace} }
spec:
  from: [{ group: ${GATEWAY_GROUP}, kind: HTTPRoute, namespace: ${from} }]
  to: [{ group: '', kind: Service }]
`;
}
