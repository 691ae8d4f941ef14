import { maskCardNumbers } from '../../domain/card-numbers';

// Our own keys, the provider's keys, webhook secrets, client secrets and passwords in addresses.
const secrets: ReadonlyArray<readonly [RegExp, string]> = [
  [/\bpsk_[\w-]{8,}/g, 'psk_[redacted]'],
  [/\b(sk|rk)_(test|live)_\w+/g, '$1_$2_[redacted]'],
  [/\bwhsec_[\w+/=-]+/g, 'whsec_[redacted]'],
  [/\b((?:pi|seti)_\w+?)_secret_\w+/g, '$1_secret_[redacted]'],
  [/(\w:\/\/[^\s:/@"]*):[^\s/@"]+@/g, '$1:[redacted]@'],
  [/\b(Bearer|Basic)\s+[\w.~+/=-]{8,}/gi, '$1 [redacted]'],
];

/**
 * A log line without secrets and card numbers. It works on the finished line, because a list of
 * fields to redact misses the ones that nobody thought of, error texts above all.
 */
export function scrub(line: string): string {
  const withoutSecrets = secrets.reduce(
    (text, [pattern, replacement]) => text.replace(pattern, replacement),
    line,
  );
  return maskCardNumbers(withoutSecrets);
}
