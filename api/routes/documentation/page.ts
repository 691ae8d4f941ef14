import { z } from 'zod';
import { content } from '../../routing/answer';
import { route } from '../../routing/route';

// Nothing but what this server itself serves; the interface sets styles on its elements.
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>paysaga API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<div id="docs"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`;

export const readDocs = route({
  method: 'get',
  path: '/docs',
  operationId: 'readDocs',
  tag: 'documentation',
  summary: 'The documentation as a page',
  scope: null,
  answers: {
    200: content('A page; all it loads comes from this server.', 'text/html', z.string()),
  },
  handle: () => (_given, response) => {
    response.set('Content-Security-Policy', contentSecurityPolicy).type('html').send(page);
  },
});
