import type { Cause } from './event-log';
import type { FormObject } from './form-body';
import { Params } from './params';
import type { World } from './world';

/** One authenticated request on its way to a handler. */
export class Call {
  readonly world: World;
  /** The id in the path, empty on routes without one. */
  readonly id: string;
  readonly cause: Cause;
  readonly form: FormObject;
  /** The `Stripe-Version` asked for; null is the account's own, which here takes old and new. */
  readonly version: string | null;
  /** True for a browser's call with a publishable key and the intent's client secret. */
  readonly publishable: boolean;

  constructor(input: {
    world: World;
    id: string;
    cause: Cause;
    form: FormObject;
    version: string | null;
    publishable: boolean;
  }) {
    this.world = input.world;
    this.id = input.id;
    this.cause = input.cause;
    this.form = input.form;
    this.version = input.version;
    this.publishable = input.publishable;
  }

  /** The request's parameters; any outside `known` is refused as Stripe refuses it. */
  params(known: readonly string[]): Params {
    return new Params(this.form, known);
  }

  /** @param previous the fields that an update changed, with the values they had */
  emit(type: string, object: object, previous?: object): void {
    this.world.events.emit(
      { type, object, ...(previous === undefined ? {} : { previous }) },
      this.cause,
    );
  }
}

/** Answers the object to send; throws `ApiFailure` for every other answer. */
export type Handler = (call: Call) => object;
