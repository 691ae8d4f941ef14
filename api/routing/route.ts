import type { Request, RequestHandler, Response } from 'express';
import type { z } from 'zod';
import type { Scope } from '../../contracts/api-payment';
import type { AppDeps } from '../dependencies';
import { validate } from '../parsing/validate';
import type { ProblemCode } from '../problems/catalog';
import { Problem } from '../problems/problem';
import type { Answer } from './answer';
import type { HeaderParameter } from './header-parameter';
import type { RequestBody } from './request-body';

export type Method = 'get' | 'post';

/** The chapters of the documentation, in their order. */
export const tags = {
  payments: 'What merchants ask for.',
  webhooks: 'What the provider reports.',
  operations: 'What those who run the service look at and repair.',
  documentation: 'This document, as JSON and as a page.',
} as const;

export type Tag = keyof typeof tags;

/** What everybody may know of a route: the documentation is made of this, and nothing else. */
export interface RouteFacts {
  readonly method: Method;
  /** As OpenAPI writes it: `/v1/payments/{id}`. */
  readonly path: string;
  /** The name of the call in generated clients. Never renamed. */
  readonly operationId: string;
  readonly tag: Tag;
  readonly summary: string;
  readonly description?: string;
  /** What the key must allow; null where no key is needed. */
  readonly scope: Scope | null;
  /** With null: taken however often it comes. Else the key, or without one the address, has a limit. */
  readonly isUnlimited?: true;
  /** With null: a key may be sent all the same, and must then have this scope. */
  readonly optionalScope?: Scope;
  /** By status. */
  readonly answers: Readonly<Record<number, Answer>>;
  /** Those beyond what key, parameters, headers and body already bring. */
  readonly problems?: readonly ProblemCode[];
  readonly headers?: readonly HeaderParameter<unknown>[];
}

/** Which values of `{names}` in the path can exist at all; others are not looked up. */
export interface PathParameters<Params> {
  readonly schema: z.ZodType<Params>;
  readonly otherwise: ProblemCode;
}

/** The request after every check that the declaration asks for. */
export interface Given<Params, Query, Body> {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  /** The value of a declared header. @throws Problem; or Error when the route does not declare it */
  readonly header: <Value>(parameter: HeaderParameter<Value>) => Value;
  readonly request: Request;
}

export interface RouteDeclaration<Params, Query, Body> extends RouteFacts {
  readonly params?: PathParameters<Params>;
  /** A parameter that is given twice is a list, which the schema must refuse. */
  readonly query?: z.ZodType<Query>;
  readonly body?: RequestBody<Body>;
  readonly handle: (
    deps: RouteDeps,
  ) => (given: Given<Params, Query, Body>, response: Response) => Promise<void> | void;
}

export interface RouteDeps extends AppDeps {
  /** The OpenAPI document of all routes, as it is served. */
  readonly openApiDocument: object;
}

/** A declared route, of which the app serves and documents the same things. */
export interface Route extends RouteFacts {
  readonly params: PathParameters<unknown> | null;
  readonly query: z.ZodType | null;
  readonly body: RequestBody<unknown> | null;
  readonly handlers: (deps: RouteDeps) => RequestHandler[];
}

/** Whether its answers say how the caller stands. */
export function isLimited({ isUnlimited }: RouteFacts): boolean {
  return isUnlimited !== true;
}

/** Declares a route. Its handler sees only what the declared schemas let pass. */
export function route<Params, Query, Body>(
  declaration: RouteDeclaration<Params, Query, Body>,
): Route {
  const { handle, params, query, body, ...facts } = declaration;
  return {
    ...facts,
    params: params ?? null,
    query: query ?? null,
    body: body ?? null,
    handlers: (deps) => {
      const answer = handle(deps);
      return [
        ...(body ? [body.receive] : []),
        (request, response) => answer(read(declaration, request), response),
      ];
    },
  };
}

function read<Params, Query, Body>(
  declaration: RouteDeclaration<Params, Query, Body>,
  request: Request,
): Given<Params, Query, Body> {
  const { params, query, body, headers = [] } = declaration;
  // First, for a body that is valid under a missing Idempotency-Key is still not acted upon.
  for (const header of headers) header.parse(request.get(header.name));
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- undefined only where nothing is declared, and its type then is unknown
  return {
    params: readParams(params, request),
    query: query ? validate(query, { ...request.query }) : undefined,
    body: body ? body.read(request) : undefined,
    header: (parameter) => {
      if (!headers.includes(parameter)) throw new Error(`${parameter.name} is not declared`);
      return parameter.parse(request.get(parameter.name));
    },
    request,
  } as Given<Params, Query, Body>;
}

function readParams<Params>(params: PathParameters<Params> | undefined, request: Request) {
  if (!params) return undefined;
  const result = params.schema.safeParse(request.params);
  if (!result.success) throw new Problem(params.otherwise);
  return result.data;
}
