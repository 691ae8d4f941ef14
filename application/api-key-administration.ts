import type { Scope } from '../contracts/api-payment';
import type { ApiKeyRegister, MadeKey, Merchant, RegisteredKey } from './ports/api-key-register';
import type { Clock } from './ports/system';

/** What was asked for makes no sense with the keys there are; the message says what would. */
export class KeyRefused extends Error {
  override readonly name = 'KeyRefused';
}

export interface KeyOrder {
  readonly merchantId: string;
  readonly scopes: readonly Scope[];
  /** Milliseconds from now; null: until it is revoked. */
  readonly lifetimeMs: number | null;
  /** Makes the merchant too, under this name, when it does not exist. */
  readonly merchantName: string | null;
}

export interface KeyRotation {
  readonly keyId: string;
  /** For how long from now the replaced key stays valid, in milliseconds. */
  readonly overlapMs: number;
  /** Null: as long as the replaced key had, counted from now. */
  readonly lifetimeMs: number | null;
}

export interface Rotated {
  readonly made: MadeKey;
  readonly replaced: RegisteredKey;
  readonly replacedEndsAt: Date;
  readonly expiresAt: Date | null;
}

interface Deps {
  readonly keys: ApiKeyRegister;
  readonly clock: Clock;
}

/** Makes a key. @throws KeyRefused for a merchant that does not exist */
export async function orderKey(
  { keys, clock }: Deps,
  order: KeyOrder,
): Promise<MadeKey & { readonly expiresAt: Date | null }> {
  const { merchantId, scopes, merchantName } = order;
  const merchant = await keys.findMerchant(merchantId);
  if (merchant === null) await addMerchant(keys, { id: merchantId, name: merchantName });
  else refuseOtherName(merchant, merchantName);
  const expiresAt = later(clock.now(), order.lifetimeMs);
  return { ...(await keys.add({ merchantId, scopes, expiresAt })), expiresAt };
}

/**
 * Makes a key of the same merchant and scopes, and ends the former one after the overlap, or earlier
 * if that one would have expired by itself.
 * @throws KeyRefused when the former key is not live, or has been replaced already
 */
export async function rotateKey({ keys, clock }: Deps, rotation: KeyRotation): Promise<Rotated> {
  const now = clock.now();
  const replaced = await findKey(keys, rotation.keyId);
  refuseEnded(replaced, now);
  const { merchantId, scopes } = replaced;
  const lifetimeMs = rotation.lifetimeMs ?? lifetimeOf(replaced);
  const expiresAt = later(now, lifetimeMs);
  const overlapEnd = new Date(now.getTime() + rotation.overlapMs);
  const { expiresAt: ownEnd } = replaced;
  const endsAt = ownEnd !== null && ownEnd < overlapEnd ? ownEnd : overlapEnd;
  const made = await keys.replace(replaced.id, { key: { merchantId, scopes, expiresAt }, endsAt });
  if (made === null) throw new KeyRefused(`${replaced.id} has been replaced already`);
  return { made, replaced, replacedEndsAt: endsAt, expiresAt };
}

/** Ends a key at once; one that has ended is left as it is. @throws KeyRefused for an unknown one */
export async function revokeKey({ keys, clock }: Deps, id: string): Promise<RegisteredKey> {
  const key = await findKey(keys, id);
  if (key.revokedAt !== null) return key;
  const revokedAt = clock.now();
  await keys.revoke(id, revokedAt);
  return { ...key, revokedAt };
}

/** Whether a key lets anybody in, and if not, since when. */
export function keyState(key: RegisteredKey, now: Date): 'live' | 'expired' | 'revoked' {
  if (key.revokedAt !== null) return 'revoked';
  return key.expiresAt !== null && key.expiresAt <= now ? 'expired' : 'live';
}

async function addMerchant(
  keys: ApiKeyRegister,
  { id, name }: { readonly id: string; readonly name: string | null },
): Promise<void> {
  if (name === null) {
    throw new KeyRefused(`there is no merchant ${id}; --create-merchant "Its name" makes it`);
  }
  await keys.addMerchant({ id, name });
}

function refuseOtherName({ id, name }: Merchant, given: string | null): void {
  if (given === null || given === name) return;
  throw new KeyRefused(`the merchant ${id} exists and is called "${name}"`);
}

async function findKey(keys: ApiKeyRegister, id: string): Promise<RegisteredKey> {
  const key = await keys.find(id);
  if (key === null) throw new KeyRefused(`there is no key ${id}; "list" shows those there are`);
  return key;
}

function refuseEnded(key: RegisteredKey, now: Date): void {
  if (key.replacedBy !== null) {
    throw new KeyRefused(`${key.id} has been replaced already, by ${key.replacedBy}`);
  }
  const state = keyState(key, now);
  if (state !== 'live') throw new KeyRefused(`${key.id} is ${state}; "create" makes another`);
}

function lifetimeOf({ createdAt, expiresAt }: RegisteredKey): number | null {
  return expiresAt === null ? null : expiresAt.getTime() - createdAt.getTime();
}

function later(now: Date, byMs: number | null): Date | null {
  return byMs === null ? null : new Date(now.getTime() + byMs);
}
