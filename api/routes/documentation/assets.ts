import type { Response } from 'express';
import { z } from 'zod';
import { content } from '../../routing/answer';
import { route } from '../../routing/route';

const text = z.string();

export const readDocsStyles = route({
  method: 'get',
  path: '/docs/swagger-ui.css',
  operationId: 'readDocsStyles',
  tag: 'documentation',
  summary: 'Styles of the documentation',
  scope: null,
  answers: { 200: content('Styles.', 'text/css', text) },
  handle: () => (_given, response) =>
    sendFile(response, require.resolve('swagger-ui-dist/swagger-ui.css')),
});

export const readDocsScript = route({
  method: 'get',
  path: '/docs/swagger-ui-bundle.js',
  operationId: 'readDocsScript',
  tag: 'documentation',
  summary: 'Script of the documentation',
  scope: null,
  answers: { 200: content('A script.', 'text/javascript', text) },
  handle: () => (_given, response) =>
    sendFile(response, require.resolve('swagger-ui-dist/swagger-ui-bundle.js')),
});

const start = `SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#docs',
  deepLinking: true,
  // It would send the document to a server of its maker's.
  validatorUrl: null,
});
`;

export const readDocsStart = route({
  method: 'get',
  path: '/docs/start.js',
  operationId: 'readDocsStart',
  tag: 'documentation',
  summary: 'What shows this document in the documentation',
  scope: null,
  answers: { 200: content('A script.', 'text/javascript', text) },
  handle: () => (_given, response) => {
    response.type('js').send(start);
  },
});

function sendFile(response: Response, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    // By default a file is not found when a folder above it begins with a dot.
    response.sendFile(path, { dotfiles: 'allow', maxAge: '1h' }, (error: Error | undefined) => {
      // A caller who left is none of our errors.
      if (error === undefined || response.headersSent) resolve();
      else reject(error);
    });
  });
}
