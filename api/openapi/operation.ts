import type { z } from 'zod';
import type { Answer } from '../routing/answer';
import { rateLimitHeaders, responseHeaders } from '../routing/response-headers';
import { isLimited } from '../routing/route';
import type { Route } from '../routing/route';
import type { Components, JsonSchema } from './components';
import { problemAnswers } from './problems';

/** The OpenAPI operation of a route. */
export function operationOf(route: Route, components: Components): object {
  const { operationId, summary, description, body } = route;
  return {
    operationId,
    tags: [route.tag],
    summary,
    ...(description === undefined ? {} : { description }),
    security: securityOf(route),
    parameters: parametersOf(route, components),
    ...(body ? { requestBody: requestBodyOf(body, components) } : {}),
    responses: { ...answersOf(route, components), ...problemAnswers(route, components) },
  };
}

function securityOf({ scope, optionalScope }: Route): object[] {
  if (scope !== null) return [{ apiKey: [scope] }];
  // The empty requirement: it works without a key too.
  return optionalScope === undefined ? [] : [{}, { apiKey: [optionalScope] }];
}

function parametersOf({ params, query, headers = [] }: Route, components: Components): object[] {
  return [
    ...(params
      ? fieldsOf(params.schema, components).map((field) => ({ in: 'path', ...field }))
      : []),
    ...(query ? fieldsOf(query, components).map((field) => ({ in: 'query', ...field })) : []),
    ...headers.map(({ name, description, isRequired, schema }) => ({
      in: 'header',
      name,
      description,
      required: isRequired,
      schema,
    })),
  ];
}

function fieldsOf(schema: z.ZodType, components: Components) {
  const { properties = {}, required = [] }: ObjectSchema = components.ofInput(schema);
  return Object.entries(properties).map(([name, { description, ...rest }]) => ({
    name,
    ...(description === undefined ? {} : { description }),
    required: required.includes(name),
    schema: rest,
  }));
}

interface ObjectSchema extends JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
}

function requestBodyOf({ isRequired, schema }: NonNullable<Route['body']>, components: Components) {
  const content = { 'application/json': { schema: components.ofInput(schema) } };
  return { required: isRequired, content };
}

function answersOf(route: Route, components: Components) {
  const common = isLimited(route) ? rateLimitHeaders : [];
  return Object.fromEntries(
    Object.entries(route.answers).map(([status, { headers, ...answer }]) => [
      status,
      answerOf({ ...answer, headers: [...headers, ...common] }, components),
    ]),
  );
}

function answerOf({ description, contentType, schema, headers }: Answer, components: Components) {
  return {
    description,
    ...(headers.length === 0
      ? {}
      : { headers: Object.fromEntries(headers.map((name) => [name, responseHeaders[name]])) }),
    content: { [contentType]: { schema: components.ofOutput(schema) } },
  };
}
