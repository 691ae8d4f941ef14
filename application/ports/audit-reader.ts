import type { AuditedPayment } from '../../domain/audit';

/** Reads payments with all that is kept of them, each as of one moment. Writes nothing. */
export interface AuditReader {
  /** In the order of their ids. @throws DependencyUnavailable */
  page(query: {
    readonly after: string | null;
    readonly limit: number;
  }): Promise<readonly AuditedPayment[]>;
  find(paymentIds: readonly string[]): Promise<readonly AuditedPayment[]>;
}
