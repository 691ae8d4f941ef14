import type { Scope } from '../../contracts/api-payment';

export interface ApiKeyRecord {
  readonly id: string;
  readonly merchantId: string;
  readonly scopes: readonly Scope[];
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
}

export interface ApiKeyReader {
  /** @throws DependencyUnavailable */
  findBySha256(sha256: string): Promise<ApiKeyRecord | null>;
}
