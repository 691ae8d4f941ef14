import type { RequestHandler } from 'express';
import { problemKinds } from '../../problems/catalog';
import type { ProblemCode } from '../../problems/catalog';
import { Problem } from '../../problems/problem';

/** GET /errors/:code: the page that `type` of an error leads to. */
export const readErrorPage: RequestHandler<{ code: string }> = (request, response) => {
  const { code } = request.params;
  if (!isProblemCode(code)) throw new Problem('not_found');
  response.type('html').send(page(code));
};

function isProblemCode(code: string): code is ProblemCode {
  return Object.hasOwn(problemKinds, code);
}

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
