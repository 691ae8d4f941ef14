import { parseArgs } from 'node:util';
import type { KeyOrder, KeyRotation } from '../../application/api-key-administration';
import { scopes as everyScope } from '../../contracts/api-payment';
import type { Scope } from '../../contracts/api-payment';

export type KeyCommand =
  | { readonly name: 'create'; readonly order: KeyOrder }
  | { readonly name: 'rotate'; readonly rotation: KeyRotation }
  | { readonly name: 'revoke'; readonly keyId: string }
  | { readonly name: 'list'; readonly merchantId: string | null };

/** The command line was not understood; the message says what would be. */
export class UsageError extends Error {
  override readonly name = 'UsageError';

  constructor(problem: string) {
    super(`${problem}\n\n${usage}`);
  }
}

const usage = `npm run keys -- create --merchant mer_x --scopes read,write [--expires-in 90d]
                       [--create-merchant "Its name"]
npm run keys -- list [--merchant mer_x]
npm run keys -- rotate key_x [--old-ends-in 7d] [--expires-in 90d]
npm run keys -- revoke key_x

scopes: ${everyScope.join(', ')}; times: such as 30m, 12h, 90d`;

const options = {
  merchant: { type: 'string' },
  scopes: { type: 'string' },
  'expires-in': { type: 'string' },
  'create-merchant': { type: 'string' },
  'old-ends-in': { type: 'string' },
} as const;

type Values = Readonly<Partial<Record<keyof typeof options, string>>>;

const defaultOverlap = '7d';

/** @throws UsageError */
export function readKeyCommand(args: readonly string[]): KeyCommand {
  const { values, positionals } = parse(args);
  const [name = '', ...operands] = positionals;
  switch (name) {
    case 'create':
      allow(values, ['merchant', 'scopes', 'expires-in', 'create-merchant']);
      expectOperands(operands, 0);
      return { name, order: readOrder(values) };
    case 'list':
      allow(values, ['merchant']);
      expectOperands(operands, 0);
      return { name, merchantId: values.merchant === undefined ? null : readMerchant(values) };
    case 'rotate':
      allow(values, ['old-ends-in', 'expires-in']);
      return { name, rotation: readRotation(values, operands) };
    case 'revoke':
      allow(values, []);
      return { name, keyId: readKeyId(operands) };
    default:
      throw new UsageError(name === '' ? 'which command?' : `unknown command ${name}`);
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function readOrder(values: Values): KeyOrder {
  return {
    merchantId: readMerchant(values),
    scopes: readScopes(values.scopes),
    lifetimeMs: readDuration('expires-in', values),
    merchantName: readName(values['create-merchant']),
  };
}

function readRotation(values: Values, operands: readonly string[]): KeyRotation {
  const overlap = { 'old-ends-in': defaultOverlap, ...values };
  return {
    keyId: readKeyId(operands),
    overlapMs: readDuration('old-ends-in', overlap) ?? 0,
    lifetimeMs: readDuration('expires-in', values),
  };
}

function readMerchant({ merchant }: Values): string {
  if (merchant !== undefined && /^mer_\w{1,60}$/.test(merchant)) return merchant;
  throw new UsageError('--merchant must be mer_ and up to 60 letters, digits or underscores');
}

function readScopes(text = ''): Scope[] {
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.filter((name) => !everyScope.some((scope) => scope === name));
  if (unknown.length > 0) {
    throw new UsageError(`--scopes must be some of ${everyScope.join(', ')}, parted by commas`);
  }
  return everyScope.filter((scope) => names.includes(scope));
}

// Control characters would let a name forge lines of what is printed.
const name = /^[^\p{Cc}]{1,200}$/u;

function readName(text: string | undefined): string | null {
  if (text === undefined) return null;
  if (name.test(text) && text.trim() === text) return text;
  throw new UsageError('--create-merchant must be a name of up to 200 characters');
}

const unitMs: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };
const longestMs = 3_650 * 86_400_000;

function readDuration(option: 'expires-in' | 'old-ends-in', values: Values): number | null {
  const text = values[option];
  if (text === undefined) return null;
  const [, count = '', unit = ''] = /^([1-9]\d{0,6})([mhd])$/.exec(text) ?? [];
  const durationMs = Number(count) * (unitMs[unit] ?? 0);
  if (durationMs > 0 && durationMs <= longestMs) return durationMs;
  throw new UsageError(`--${option} must be such as 30m, 12h or 90d, and at most 3650d`);
}

function readKeyId(operands: readonly string[]): string {
  expectOperands(operands, 1);
  const [id = ''] = operands;
  // Whoever gives the key itself must not see it repeated in a log.
  if (/^key_\w{1,60}$/.test(id)) return id;
  throw new UsageError('a key is named by its id, key_...; "list" shows it');
}

function expectOperands(operands: readonly string[], count: number): void {
  if (operands.length === count) return;
  throw new UsageError(count === 0 ? 'too many arguments' : 'exactly one key is expected');
}

function allow(values: Values, allowed: readonly (keyof Values)[]): void {
  const other = Object.keys(values).find((option) => !allowed.some((each) => each === option));
  if (other !== undefined) throw new UsageError(`--${other} does not belong to this command`);
}
