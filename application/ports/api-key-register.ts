import type { Scope } from '../../contracts/api-payment';
import type { ApiKeyRecord } from './api-key-reader';

export interface Merchant {
  readonly id: string;
  readonly name: string;
}

/** A key that is about to exist. */
export interface NewApiKey {
  readonly merchantId: string;
  readonly scopes: readonly Scope[];
  readonly expiresAt: Date | null;
}

/** A key as it may be shown: its clear text is known to nobody but its holder. */
export interface RegisteredKey extends ApiKeyRecord {
  readonly lastFour: string;
  readonly createdAt: Date;
  /** The id of the key that took its place. */
  readonly replacedBy: string | null;
}

export interface MadeKey {
  readonly id: string;
  /** The clear text, which is returned this once and kept nowhere. */
  readonly secret: string;
}

/** Every method throws DependencyUnavailable when the database gives no answer. */
export interface ApiKeyRegister {
  findMerchant(id: string): Promise<Merchant | null>;
  /** Leaves a merchant that exists as it is. */
  addMerchant(merchant: Merchant): Promise<void>;
  /** Oldest first; null lists those of every merchant. */
  list(merchantId: string | null): Promise<readonly RegisteredKey[]>;
  find(id: string): Promise<RegisteredKey | null>;
  add(key: NewApiKey): Promise<MadeKey>;
  /** Adds a key and ends the one it replaces, both or neither; null when that one is replaced already. */
  replace(
    id: string,
    by: { readonly key: NewApiKey; readonly endsAt: Date },
  ): Promise<MadeKey | null>;
  revoke(id: string, at: Date): Promise<void>;
}
