import type { z } from 'zod';
import type { ProblemCode } from '../problems/catalog';
import { Problem } from '../problems/problem';
import type { FieldError } from '../problems/problem';
import { findForbiddenContent } from './forbidden-content';
import { jsonPointer } from './pointer';

// A caller mends a few errors at a time; a hostile body must not be answered by a larger one.
const mostErrors = 20;

/**
 * The value as the schema understands it.
 * @throws Problem with a pointer to each part that is wrong
 */
export function validate<Output>(schema: z.ZodType<Output>, value: unknown): Output {
  const forbidden = findForbiddenContent(value);
  if (forbidden.length > 0) throw refusal(forbidden);
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw refusal(result.error.issues.flatMap((issue) => fieldErrors(issue, value)));
}

function refusal(errors: FieldError[]): Problem {
  const telling: ProblemCode = 'card_number_refused';
  const code = errors.some((error) => error.code === telling) ? telling : 'invalid_request';
  return new Problem(code, { errors: errors.slice(0, mostErrors) });
}

function fieldErrors(issue: z.core.$ZodIssue, body: unknown): FieldError[] {
  const pointer = jsonPointer(issue.path);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      pointer: jsonPointer([...issue.path, key]),
      code: 'unknown_field',
      detail: 'is not a known field',
    }));
  }
  if (issue.code === 'invalid_key') {
    return issue.issues.map((inner) => ({ pointer, code: 'invalid_name', detail: inner.message }));
  }
  if (issue.code === 'invalid_type' && isAbsent(body, issue.path)) {
    return [{ pointer, code: 'required', detail: 'is required' }];
  }
  const code = issue.code === 'custom' ? customCode(issue.params) : 'invalid';
  return [{ pointer, code, detail: issue.message }];
}

function isAbsent(body: unknown, path: readonly PropertyKey[]): boolean {
  const found = path.reduce<unknown>(
    (value, step) =>
      typeof value === 'object' && value !== null ? Reflect.get(value, step) : undefined,
    body,
  );
  return found === undefined;
}

function customCode(params: Record<string, unknown> | undefined): string {
  return typeof params?.['code'] === 'string' ? params['code'] : 'invalid';
}
