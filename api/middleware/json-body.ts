import express from 'express';
import type { Request, RequestHandler } from 'express';
import { parseStrictJson } from '../parsing/strict-json';
import { Problem } from '../problems/problem';

const bodyLimitBytes = 64 * 1024;
const jsonType = /^application\/json\s*(?:;\s*charset\s*=\s*"?utf-8"?\s*)?$/i;

const readBytes = express.raw({ type: () => true, limit: bodyLimitBytes, inflate: false });

/** Reads the body's bytes and leaves them unparsed: express's own parser would round numbers. */
export const jsonBody: RequestHandler = (request, response, next) => {
  if (!jsonType.test(request.get('Content-Type') ?? '')) {
    throw new Problem('unsupported_media_type');
  }
  readBytes(request, response, next);
};

/** The same where a request need not have a body, which then stays undefined. */
export const optionalJsonBody: RequestHandler = (request, response, next) => {
  const isEmpty = (request.get('Content-Length') ?? '0') === '0';
  if (isEmpty && request.get('Transfer-Encoding') === undefined) return next();
  jsonBody(request, response, next);
};

/** The body that jsonBody read. @throws Problem `invalid_json` */
export function readJson(request: Request): unknown {
  const body: unknown = request.body;
  return parseStrictJson(Buffer.isBuffer(body) ? body : Buffer.alloc(0));
}
