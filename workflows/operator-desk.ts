import { condition, CancellationScope, defineUpdate, setHandler } from '@temporalio/workflow';
import type { ProcessPaymentResult, ResolveManuallyInput } from '../contracts/saga';
import { updates } from '../contracts/workflow-names';

export type OperatorRequest =
  { readonly kind: 'retry' } | ({ readonly kind: 'resolve' } & ResolveManuallyInput);

const retryCompensation = defineUpdate<unknown>(updates.retryCompensation);
const resolveManually = defineUpdate<unknown, [ResolveManuallyInput]>(updates.resolveManually);
const maxTextLength = 200;

/**
 * Where the two operator updates meet the parked saga: one request at a time, refused at once when
 * the payment is not parked, answered with the status it led to.
 */
export class OperatorDesk<Answer = ProcessPaymentResult> {
  private isOpen: boolean;
  private request: OperatorRequest | null = null;
  private answer: Answer | null = null;

  /**
   * @param unfinished what a request is answered with that brought nothing to an end
   * @param options whether a request may come before the first wait for one
   */
  constructor(
    private readonly unfinished: Answer,
    { isOpen }: { readonly isOpen: boolean } = { isOpen: false },
  ) {
    this.isOpen = isOpen;
    setHandler(retryCompensation, () => this.submit({ kind: 'retry' }), {
      validator: () => this.assertOpen(),
      description: 'Runs the undo of a parked payment again.',
    });
    setHandler(resolveManually, (input) => this.submit({ kind: 'resolve', ...input }), {
      validator: (input) => {
        this.assertOpen();
        assertText('reason', input?.reason);
        assertText('providerRef', input?.providerRef);
      },
      description: 'Ends a parked payment that was settled by hand at the provider.',
    });
  }

  /**
   * Waits for an operator, however long; a cancellation of the workflow does not end the wait.
   * @param isDue what else ends it: then the undo is tried again, as if somebody had asked
   */
  async next(isDue: () => boolean = () => false): Promise<OperatorRequest> {
    this.isOpen = this.request === null;
    const isAsked = () => this.request !== null || isDue();
    await CancellationScope.nonCancellable(() => condition(isAsked));
    this.isOpen = false;
    return this.request ?? { kind: 'retry' };
  }

  /** Tells the operator what became of the request that `next` gave out. */
  reply(result: Answer): void {
    this.answer = result;
    this.request = null;
  }

  private async submit(request: OperatorRequest): Promise<Answer> {
    this.isOpen = false;
    this.answer = null;
    this.request = request;
    await CancellationScope.nonCancellable(() => condition(() => this.answer !== null));
    return this.answer ?? this.unfinished;
  }

  private assertOpen(): void {
    if (!this.isOpen) {
      throw new Error('the payment is not waiting for an operator, or another request is running');
    }
  }
}

function assertText(name: string, text: unknown): void {
  if (typeof text !== 'string' || text.trim() === '' || text.length > maxTextLength) {
    throw new Error(`${name} must be a text of 1 to ${maxTextLength} characters`);
  }
}
