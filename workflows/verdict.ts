import type { AuthorizeResult, FundsReport, PaymentFailure, RecordInput } from '../contracts/saga';
import { failureCodes } from '../contracts/saga';
import type { PaymentStatus } from '../domain/payment-states';
import { authenticationRequired, interrupted } from './failures';

export type Captured = Extract<AuthorizeResult, { kind: 'captured' }>;

/** A payment that will not succeed; it is called so only once nothing is left at the provider. */
export interface Lost {
  readonly kind: 'lost';
  readonly status: 'failed' | 'canceled';
  readonly failure: PaymentFailure;
}

/** What the forward half of the saga came to. */
export type Verdict =
  Captured | Lost | { readonly kind: 'settled'; readonly status: PaymentStatus };

/** An outcome as it is recorded, without the payment it belongs to. */
export type Recording = Omit<RecordInput, 'paymentId'>;

export function verdictOf(result: AuthorizeResult): Verdict {
  switch (result.kind) {
    case 'captured':
    case 'settled':
      return result;
    case 'declined':
      return { kind: 'lost', status: 'failed', failure: result.failure };
    case 'requires_action':
      return { kind: 'lost', status: 'failed', failure: authenticationRequired };
    case 'undo_started':
      return { kind: 'lost', status: 'failed', failure: interrupted };
    default:
      return result satisfies never;
  }
}

/** Whether the provider neither holds nor keeps any of the money. */
export function isNothingLeft({ heldMinor, capturedMinor, refundedMinor }: FundsReport): boolean {
  return heldMinor === 0 && capturedMinor === refundedMinor;
}

export function successRecord({ capturedMinor, chargeId }: Captured): Recording {
  return {
    status: 'succeeded',
    capturedMinor,
    ...(chargeId === null ? {} : { chargeId }),
    failure: null,
  };
}

export function lostRecord({ status, failure }: Lost, funds: FundsReport): Recording {
  return { status, failure, ...figures(funds) };
}

/** The record of a parked payment; what is not known of the money is left as it is stored. */
export function parkedRecord(
  { failure }: Lost,
  open: { readonly pendingUndo: readonly string[]; readonly known: Partial<FundsReport> | null },
): Recording {
  const message = `${failure.message} Undo pending: ${open.pendingUndo.join(', ')}.`;
  return { status: 'needs_review', failure: { ...failure, message }, ...figures(open.known ?? {}) };
}

/** What an operator settled by hand, told by what the provider shows: kept money is a success. */
export function resolvedRecord(
  funds: FundsReport,
  operator: { readonly reason: string; readonly providerRef: string },
): Recording {
  if (!isNothingLeft(funds)) return { status: 'succeeded', failure: null, ...figures(funds) };
  const message = `Settled by an operator: ${operator.reason} (${operator.providerRef})`;
  const failure = { code: failureCodes.resolvedManually, declineCode: null, message };
  return { status: 'failed', failure, ...figures(funds) };
}

function figures({ capturedMinor, refundedMinor }: Partial<FundsReport>) {
  return {
    ...(capturedMinor === undefined ? {} : { capturedMinor }),
    ...(refundedMinor === undefined ? {} : { refundedMinor }),
  };
}
