import { createConfig, lintFromString } from '@redocly/openapi-core';
import { createApp } from '../app';
import type { AppDeps } from '../dependencies';
import { preferWait } from '../headers/prefer-wait';
import { problemKinds } from '../problems/catalog';
import { routes } from '../routes';
import { json } from '../routing/answer';
import { route } from '../routing/route';
import { problemSchema } from '../problems/problem-schema';
import { openApiDocument } from './document';
import { problemCodesOf } from './problems';

const document = openApiDocument(routes);

interface Layer {
  readonly route?: {
    readonly path: string;
    readonly stack: readonly { readonly method?: string }[];
  };
}

/** What Express itself would serve, whoever added it. */
function servedRoutes(): string[] {
  const app = createApp({ trustedProxies: [], rateLimits: {} } as unknown as AppDeps);
  const layers = app.router.stack as readonly Layer[];
  return layers.flatMap(({ route: served }) =>
    (served?.stack ?? []).flatMap(({ method }) =>
      method === undefined ? [] : [`${method} ${served!.path}`],
    ),
  );
}

describe('the OpenAPI document', () => {
  it('names the routes that are served, and no other', () => {
    const documented = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`),
    );
    expect(documented.toSorted()).toEqual([...new Set(servedRoutes())].toSorted());
  });

  it('is valid OpenAPI 3.1 to a judge we did not write', async () => {
    const config = await createConfig({
      extends: ['recommended-strict'],
      // Probes and metrics refuse nobody.
      rules: { 'operation-4xx-response': 'off' },
    });
    const found = await lintFromString({ source: JSON.stringify(document), config });
    expect(found.map(({ ruleId, message }) => `${ruleId}: ${message}`)).toEqual([]);
  });

  it('asks for a key wherever merchants’ data is, and says what it must allow', () => {
    const open = routes.filter(({ path, scope }) => path.startsWith('/v1/') && scope === null);
    expect(open.map(({ path }) => path)).toEqual(['/v1/webhooks/stripe']);
    expect(document.paths['/v1/payments']?.['post']).toHaveProperty('security', [
      { apiKey: ['write'] },
    ]);
  });

  it('documents every error that a request can cause', () => {
    const documented = new Set(routes.flatMap(problemCodesOf));
    // What no route took has no operation to stand with.
    const others = ['method_not_allowed', 'malformed_http', 'request_timeout', 'headers_too_large'];
    const expected = Object.keys(problemKinds).filter((code) => !others.includes(code));
    expect([...documented].toSorted()).toEqual(expected.toSorted());
  });
});

describe('a route', () => {
  it('cannot read a header that it does not declare', () => {
    const undeclared = route({
      method: 'get',
      path: '/x',
      operationId: 'x',
      tag: 'operations',
      summary: 'x',
      scope: null,
      answers: { 200: json('x', problemSchema) },
      handle: () => (given) => void given.header(preferWait),
    });
    const [handler] = undeclared.handlers({} as never);
    const request = { get: () => undefined, query: {}, params: {} };
    expect(() => handler!(request as never, {} as never, () => undefined)).toThrow(
      'Prefer is not declared',
    );
  });
});
