import { defineSearchAttributeKey } from '@temporalio/common';
import {
  defineQuery,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import type { SagaStep, SagaView } from '../contracts/saga';
import { queries, searchAttributes } from '../contracts/workflow-names';
import type { PaymentStatus } from '../domain/payment-states';

const getPayment = defineQuery<SagaView>(queries.getPayment);
const paymentStatus = defineSearchAttributeKey(searchAttributes.paymentStatus, 'KEYWORD');

/** What people see of a running saga: the query, the details in Temporal's Web UI, the search. */
export class PaymentProgress {
  private current: PaymentStatus = 'processing';
  private currentStep: SagaStep = 'authorizing';

  constructor(pendingUndo: () => readonly string[]) {
    setHandler(getPayment, () => ({
      status: this.current,
      step: this.currentStep,
      pendingUndo: pendingUndo(),
    }));
  }

  get status(): PaymentStatus {
    return this.current;
  }

  get step(): SagaStep {
    return this.currentStep;
  }

  /** Details cost no history event, so every step may say what it does. */
  enter(step: SagaStep, details: string): void {
    this.currentStep = step;
    setCurrentDetails(details);
  }

  /** Search attributes cost an event each time: only what an operator looks for is written. */
  show(status: PaymentStatus): void {
    this.current = status;
    upsertSearchAttributes([{ key: paymentStatus, value: status }]);
  }
}
