import { z } from 'zod';
import { isProblemCode, problemKinds } from '../../problems/catalog';
import type { ProblemCode } from '../../problems/catalog';
import { content } from '../../routing/answer';
import { route } from '../../routing/route';

/** The page that `type` of an error leads to. */
export const readErrorPage = route({
  method: 'get',
  path: '/errors/{code}',
  operationId: 'readErrorPage',
  tag: 'operations',
  summary: 'What an error means and what to do about it',
  scope: null,
  params: {
    schema: z.object({ code: z.string().refine(isProblemCode) }),
    otherwise: 'not_found',
  },
  answers: { 200: content('A page.', 'text/html', z.string()) },
  handle:
    () =>
    ({ params }, response) => {
      response.type('html').send(page(params.code));
    },
});

function page(code: ProblemCode): string {
  const { title, status, advice, retryable } = problemKinds[code];
  const again = retryable ? 'It may succeed when repeated.' : 'Repeating it unchanged is vain.';
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>${code}</title></head>
<body>
<h1>${title}</h1>
<p><code>${code}</code>, HTTP status ${status}</p>
<p>${advice}</p>
<p>${again}</p>
</body>
</html>
`;
}
