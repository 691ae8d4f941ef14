import { problemKinds } from '../problems/catalog';
import type { ProblemCode } from '../problems/catalog';
import { problemSchema } from '../problems/problem-schema';
import { isLimited } from '../routing/route';
import type { Route } from '../routing/route';
import type { Components } from './components';

/** Every code the route can answer with: its own, and those of the checks before it. */
export function problemCodesOf(route: Route): ProblemCode[] {
  const codes: ProblemCode[] = [
    ...(route.scope === null && route.optionalScope === undefined ? [] : keyProblems),
    ...(isLimited(route) ? (['rate_limited'] as const) : []),
    // A path with a broken %-escape is refused before the route sees it.
    ...(route.params ? (['invalid_request', route.params.otherwise] as const) : []),
    ...(route.query ? (['invalid_request', 'card_number_refused'] as const) : []),
    ...(route.headers ?? []).flatMap(({ problems }) => problems),
    ...(route.body?.problems ?? []),
    ...(route.problems ?? []),
    'internal_error',
    'service_unavailable',
  ];
  return [...new Set(codes)];
}

// A flood of made-up keys is refused wherever a key can be sent.
const keyProblems = ['unauthenticated', 'insufficient_scope', 'rate_limited'] as const;

/** The answers of a route that are problems, by status. */
export function problemAnswers(route: Route, components: Components) {
  const codes = problemCodesOf(route);
  const statuses = new Set(codes.map((code) => problemKinds[code].status));
  const problem = components.ofOutput(problemSchema);
  return Object.fromEntries(
    [...statuses].map((status) => {
      const ofStatus = codes.filter((code) => problemKinds[code].status === status);
      const schema = { allOf: [problem, { properties: { code: { enum: ofStatus } } }] };
      return [status, { description: describe(ofStatus), content: { [mediaType]: { schema } } }];
    }),
  );
}

const mediaType = 'application/problem+json';

function describe(codes: readonly ProblemCode[]): string {
  return codes.map((code) => `\`${code}\`: ${problemKinds[code].title}.`).join('\n\n');
}
