import type { z } from 'zod';
import type { Answer } from '../routing/answer';
import { responseHeaders } from '../routing/response-headers';
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

function answersOf({ answers }: Route, components: Components) {
  return Object.fromEntries(
    Object.entries(answers).map(([status, answer]) => [status, answerOf(answer, components)]),
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
