import { z } from 'zod';
import { asyncApiDocument } from '../../asyncapi/document';
import { json } from '../../routing/answer';
import { route } from '../../routing/route';

export const readAsyncApi = route({
  method: 'get',
  path: '/asyncapi.json',
  operationId: 'readAsyncApi',
  tag: 'documentation',
  summary: 'The messages that are published, as AsyncAPI 3',
  scope: null,
  answers: { 200: json('AsyncAPI 3.', z.looseObject({ asyncapi: z.string() })) },
  handle: () => {
    const document = asyncApiDocument();
    return (_given, response) => {
      response.json(document);
    };
  },
});
