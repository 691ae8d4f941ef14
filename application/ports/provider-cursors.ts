/** How far lists of the provider's have been read. Throws `StoreUnavailable` or `StoreRefused`. */
export interface ProviderCursors {
  /** On the provider's clock; null before the first look. */
  read(name: string): Promise<Date | null>;
  /** Never moves back, whoever is late. */
  advance(cursor: { readonly name: string; readonly to: Date }): Promise<void>;
}
