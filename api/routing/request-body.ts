import type { Request, RequestHandler } from 'express';
import type { z } from 'zod';
import { jsonBody, optionalJsonBody, readJson } from '../middleware/json-body';
import { validate } from '../parsing/validate';
import type { ProblemCode } from '../problems/catalog';

/** How a route takes its body. */
export interface RequestBody<Body> {
  readonly isRequired: boolean;
  readonly schema: z.ZodType;
  readonly problems: readonly ProblemCode[];
  /** Receives the bytes. */
  readonly receive: RequestHandler;
  /** @throws Problem, one of `problems` */
  readonly read: (request: Request) => Body;
}

const problems = [
  'invalid_json',
  'invalid_request',
  'card_number_refused',
  'body_too_large',
  'unsupported_media_type',
] as const satisfies ProblemCode[];

/** A JSON object that the schema describes. */
export function jsonOf<Body>(schema: z.ZodType<Body>): RequestBody<Body> {
  const read = (request: Request) => validate(schema, readJson(request));
  return { isRequired: true, schema, problems, receive: jsonBody, read };
}

/** The same, where sending no body at all means `{}`. */
export function optionalJsonOf<Body>(schema: z.ZodType<Body>): RequestBody<Body> {
  const read = (request: Request) =>
    validate(schema, request.body === undefined ? {} : readJson(request));
  return { isRequired: false, schema, problems, receive: optionalJsonBody, read };
}
