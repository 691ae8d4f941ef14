/**
 * What a read must not bring back: rows that this process holds, and payments whose refused row is
 * not yet seen as refused by the database.
 *
 * Both are let go only at the start of a read, and only if their mark had committed before: a read
 * that began earlier still sees the row unpublished, and would publish it again, out of order.
 */
export class HeldRows {
  private readonly ids = new Set<string>();
  private readonly markedIds: string[] = [];
  private readonly payments = new Map<string, 'marking' | 'marked'>();

  /** Ids held now: for the read to leave out. Call it when the read begins. */
  beginRead(): string[] {
    for (const id of this.markedIds.splice(0)) this.ids.delete(id);
    for (const [payment, state] of this.payments) {
      if (state === 'marked') this.payments.delete(payment);
    }
    return [...this.ids];
  }

  /** True if the row is new and its payment is not blocked; it is held from then on. */
  admit(row: { readonly id: string; readonly aggregateId: string }): boolean {
    if (this.ids.has(row.id) || this.payments.has(row.aggregateId)) return false;
    this.ids.add(row.id);
    return true;
  }

  /** Nothing was sent of these, or nobody knows: the next read may bring them back. */
  letGo(ids: readonly string[]): void {
    for (const id of ids) this.ids.delete(id);
  }

  block(payment: string): void {
    this.payments.set(payment, 'marking');
  }

  /** The published mark of these rows has committed. */
  publishedMarkCommitted(ids: readonly string[]): void {
    this.markedIds.push(...ids);
  }

  /** The refusal mark of this row has committed: from now on the database blocks its payment. */
  refusedMarkCommitted(row: { readonly id: string; readonly aggregateId: string }): void {
    this.markedIds.push(row.id);
    if (this.payments.has(row.aggregateId)) this.payments.set(row.aggregateId, 'marked');
  }

  unblock(payment: string): void {
    this.payments.delete(payment);
  }
}
