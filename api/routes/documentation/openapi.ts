import { z } from 'zod';
import { json } from '../../routing/answer';
import { route } from '../../routing/route';

export const readOpenApi = route({
  method: 'get',
  path: '/openapi.json',
  operationId: 'readOpenApi',
  tag: 'documentation',
  summary: 'This document',
  scope: null,
  answers: { 200: json('OpenAPI 3.1.', z.looseObject({ openapi: z.string() })) },
  handle:
    ({ openApiDocument }) =>
    (_given, response) => {
      response.json(openApiDocument);
    },
});
