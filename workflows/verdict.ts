import type { Answered } from '../contracts/provider-answers';
import type { AuthorizeResult, FundsReport, PaymentFailure, RecordInput } from '../contracts/saga';
import type { NextActionType } from '../contracts/api-payment';
import { failureCodes } from '../contracts/saga';
import type { PaymentStatus } from '../domain/payment-states';
import { authenticationRequired, failure, interrupted } from './failures';

export type Captured = Extract<AuthorizeResult, { kind: 'captured' }> & {
  /** The merchant's request that led to it. */
  readonly requestId?: string;
};

export type Authorized = Extract<AuthorizeResult, { kind: 'authorized' }>;

export type RequiresAction = Extract<AuthorizeResult, { kind: 'requires_action' }> & {
  readonly action: NextActionType;
};

/** A payment that will not succeed; it is called so only once nothing is left at the provider. */
export interface Lost extends Answered {
  readonly kind: 'lost';
  readonly status: 'failed' | 'canceled';
  readonly failure: PaymentFailure;
  /**
   * Whether somebody wants it so: the merchant, or the hold's policy. Letting a hold go is then a
   * step like another, whatever the compensation flag says.
   */
  readonly isWish?: boolean;
  readonly requestId?: string;
}

/** What the forward half of the saga came to. */
export type Verdict =
  | Captured
  | Authorized
  | RequiresAction
  | Lost
  | { readonly kind: 'settled'; readonly status: PaymentStatus };

/** An outcome as it is recorded, without the payment it belongs to. */
export type Recording = Omit<RecordInput, 'paymentId'>;

export function verdictOf(result: AuthorizeResult): Verdict {
  switch (result.kind) {
    case 'captured':
    case 'settled':
      return result;
    case 'authorized':
      return result;
    case 'canceled':
      return {
        kind: 'lost',
        status: 'canceled',
        failure: result.failure,
        ...(result.requestId === undefined ? {} : { requestId: result.requestId, isWish: true }),
        ...answersOf(result),
      };
    case 'declined':
      return { kind: 'lost', status: 'failed', failure: result.failure, ...answersOf(result) };
    case 'requires_action':
      return result.action === undefined
        ? { kind: 'lost', status: 'failed', failure: authenticationRequired, ...answersOf(result) }
        : { ...result, action: result.action };
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

/** The merchant called it off. */
export function canceledOnRequest(requestId: string): Lost {
  const message = 'The payment was canceled on request.';
  const reason = failure(failureCodes.canceledOnRequest, message);
  return { kind: 'lost', status: 'canceled', failure: reason, isWish: true, requestId };
}

/** The record of a payment that waits for its customer or its merchant. */
export function waitingRecord(waiting: Authorized | RequiresAction): Recording {
  if (waiting.kind === 'requires_action') {
    const { action } = waiting;
    return { status: 'requires_action', action, failure: null, ...answersOf(waiting) };
  }
  const { heldMinor, chargeId, captureBefore } = waiting;
  return {
    status: 'authorized',
    heldMinor,
    captureBefore,
    ...(chargeId === null ? {} : { chargeId }),
    failure: null,
    ...answersOf(waiting),
  };
}

export function successRecord(captured: Captured): Recording {
  const { capturedMinor, chargeId, requestId } = captured;
  return {
    status: 'succeeded',
    heldMinor: 0,
    capturedMinor,
    ...(chargeId === null ? {} : { chargeId }),
    ...(requestId === undefined ? {} : { requestId }),
    failure: null,
    ...answersOf(captured),
  };
}

export function lostRecord(lost: Lost, funds: FundsReport): Recording {
  const { status, failure: why, requestId } = lost;
  const request = requestId === undefined ? {} : { requestId };
  return { status, failure: why, ...figures(funds), ...request, ...answersOf(lost, funds) };
}

/** The answers that were heard on the way; nothing where there are none. */
function answersOf(...heard: readonly Answered[]): Answered {
  const answers = heard.flatMap((one) => one.answers ?? []);
  return answers.length === 0 ? {} : { answers };
}

/** The record of a parked payment; what is not known of the money is left as it is stored. */
export function parkedRecord(
  { failure: why }: Lost,
  open: { readonly pendingUndo: readonly string[]; readonly known: Partial<FundsReport> | null },
): Recording {
  const message = `${why.message}${undoPending}${open.pendingUndo.join(', ')}.`;
  return { status: 'needs_review', failure: { ...why, message }, ...figures(open.known ?? {}) };
}

const undoPending = ' Undo pending: ';

/** Why a payment failed, once nothing of it is pending any more. */
export function withoutPendingUndo(failureOfParked: PaymentFailure): PaymentFailure {
  const [message = ''] = failureOfParked.message.split(undoPending);
  return { ...failureOfParked, message };
}

/** What an operator settled by hand, told by what the provider shows: kept money is a success. */
export function resolvedRecord(
  funds: FundsReport,
  operator: { readonly reason: string; readonly providerRef: string },
): Recording {
  if (!isNothingLeft(funds)) return { status: 'succeeded', failure: null, ...figures(funds) };
  const message = `Settled by an operator: ${operator.reason} (${operator.providerRef})`;
  const settled = failure(failureCodes.resolvedManually, message);
  return { status: 'failed', failure: settled, ...figures(funds) };
}

function figures({ heldMinor, capturedMinor, refundedMinor }: Partial<FundsReport>) {
  return {
    ...(heldMinor === undefined ? {} : { heldMinor }),
    ...(capturedMinor === undefined ? {} : { capturedMinor }),
    ...(refundedMinor === undefined ? {} : { refundedMinor }),
  };
}
