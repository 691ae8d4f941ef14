import { parse } from 'lossless-json';
import { Problem } from '../problems/problem';
import { hasDuplicateNames } from './duplicate-names';

/** A number that is no whole number in plain digits, or that a double cannot hold exactly. */
export class InexactNumber {
  constructor(readonly text: string) {}
}

const plainInteger = /^-?(?:0|[1-9]\d*)$/;

/**
 * Reads JSON without losing anything: 1.0, 1e3 and numbers above 2^53 stay distinguishable from
 * whole numbers, as InexactNumber.
 * @throws Problem `invalid_json`, which does not repeat what was sent
 */
export function parseStrictJson(body: Buffer): unknown {
  const text = decode(body);
  const value = parseText(text);
  if (hasDuplicateNames(text)) {
    throw new Problem('invalid_json', { detail: 'A name occurs twice in one object.' });
  }
  return value;
}

function decode(body: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    throw new Problem('invalid_json', { detail: 'The body is not valid UTF-8.' });
  }
}

function parseText(text: string): unknown {
  try {
    return parse(text, null, { parseNumber: readNumber, onDuplicateKey: () => undefined });
  } catch {
    // A SyntaxError, or a RangeError from nesting deeper than the stack.
    throw new Problem('invalid_json');
  }
}

function readNumber(text: string): unknown {
  const value = Number(text);
  const isExact = plainInteger.test(text) && Number.isSafeInteger(value) && !Object.is(value, -0);
  return isExact ? value : new InexactNumber(text);
}
