import { Ajv2020 } from 'ajv/dist/2020';
import { openApiDocument } from '../../api/openapi/document';
import { problemSchema } from '../../api/problems/problem-schema';
import { routes } from '../../api/routes';
import type { Route } from '../../api/routing/route';

const document = openApiDocument(routes);
// Formats are left to zod, whose schemas the document is made from.
const judge = new Ajv2020({ strict: false, validateFormats: false }).addSchema(document, 'api');

interface GivenAnswer {
  readonly method: string;
  readonly url: string;
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
}

/**
 * Fails when the API answers what its document does not say: another status or type, a body that
 * does not fit the schema, or one with a field more.
 */
export function expectDocumented(answer: GivenAnswer): void {
  const found = routeOf(answer);
  // What no route took is a problem of the app itself: 404 or 405.
  if (found === undefined) return expectProblem(answer);
  const documented = documentedContent(found, answer);
  expect(Object.keys(documented)).toContain(mediaType(answer));
  if (!mediaType(answer).endsWith('json')) return;
  const body: unknown = JSON.parse(answer.text);
  expectFits({ found, answer, body });
  (found.answers[answer.status]?.schema ?? problemSchema).parse(body);
}

function expectProblem(answer: GivenAnswer): void {
  expect(mediaType(answer)).toBe('application/problem+json');
  problemSchema.parse(JSON.parse(answer.text));
}

function documentedContent({ path, method }: Route, { status }: GivenAnswer): object {
  const operation = document.paths[path]?.[method] as {
    responses: Record<string, { content: object }>;
  };
  expect(Object.keys(operation.responses)).toContain(String(status));
  return operation.responses[status]!.content;
}

function expectFits(given: {
  readonly found: Route;
  readonly answer: GivenAnswer;
  readonly body: unknown;
}): void {
  const { found, answer, body } = given;
  const steps = ['paths', found.path, found.method, 'responses', String(answer.status)];
  const pointer = [...steps, 'content', mediaType(answer), 'schema'].map(escape).join('/');
  const fits = judge.getSchema(`api#/${pointer}`)!;
  expect(fits(body) ? [] : fits.errors).toEqual([]);
}

const escape = (step: string) =>
  encodeURIComponent(step.replaceAll('~', '~0').replaceAll('/', '~1'));

function routeOf({ method, url }: GivenAnswer): Route | undefined {
  const { pathname } = new URL(url);
  return routes.find(
    (route) =>
      route.method === method.toLowerCase() &&
      new RegExp(`^${route.path.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(pathname),
  );
}

function mediaType({ contentType }: GivenAnswer): string {
  return contentType.split(';')[0]!;
}
