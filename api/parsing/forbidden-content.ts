import { containsCardNumber } from '../../domain/card-numbers';
import type { FieldError } from '../problems/problem';
import { jsonPointer } from './pointer';
import { InexactNumber } from './strict-json';

const loneSurrogate = /\p{Surrogate}/u;
// No valid request is deeper than two levels; a limit keeps a hostile one from filling the stack.
const deepest = 16;

type Path = readonly PropertyKey[];

/** What must not occur anywhere in a body, whatever its fields mean. Never repeats a card number. */
export function findForbiddenContent(value: unknown, path: Path = []): FieldError[] {
  if (path.length > deepest) return [forbidden(path, 'too_deep', 'is nested too deeply')];
  if (typeof value === 'string') return checkText(value, path);
  if (typeof value === 'number') return checkText(String(value), path);
  if (value instanceof InexactNumber) return checkText(value.text, path);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, child]) => {
    // A name that is refused is not repeated in a pointer either.
    const inName = Array.isArray(value) ? [] : checkName(name, path);
    return inName.length > 0 ? inName : findForbiddenContent(child, [...path, name]);
  });
}

function checkName(name: string, path: Path): FieldError[] {
  if (name === '__proto__') return [forbidden(path, 'reserved', 'has a reserved name')];
  return checkText(name, path);
}

function checkText(text: string, path: Path): FieldError[] {
  if (text.includes('\0')) return [forbidden(path, 'contains_nul', 'contains the character NUL')];
  if (loneSurrogate.test(text)) {
    return [forbidden(path, 'not_unicode', 'contains half of a surrogate pair')];
  }
  if (containsCardNumber(text)) {
    return [forbidden(path, 'card_number_refused', 'contains what may be a card number')];
  }
  return [];
}

function forbidden(path: Path, code: string, detail: string): FieldError {
  return { pointer: jsonPointer(path), code, detail };
}
