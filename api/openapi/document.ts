import { tags } from '../routing/route';
import type { Route } from '../routing/route';
import { Components } from './components';
import { operationOf } from './operation';

const description = `\
Payments that are never lost and never charged twice.

Amounts are integer minor units of their ISO 4217 currency. A request that changes something carries
an \`Idempotency-Key\` and may be repeated with it as often as needed. Errors are RFC 9457 problems;
decide by their \`code\`. Objects of answers may gain fields; ignore those you do not know.`;

const apiKey = {
  type: 'http',
  scheme: 'bearer',
  description: 'A key `psk_...`. What an operation needs it to allow stands with the operation.',
};

/** The OpenAPI 3.1 document of the routes, made from the schemas that validate. */
export function openApiDocument(routes: readonly Route[]) {
  const components = new Components();
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) {
    paths[route.path] = {
      ...paths[route.path],
      [route.method]: operationOf(route, components),
    };
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'paysaga',
      version: '1',
      description,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    tags: Object.entries(tags).map(([name, about]) => ({ name, description: about })),
    paths,
    components: { schemas: components.schemas, securitySchemes: { apiKey } },
  };
}
