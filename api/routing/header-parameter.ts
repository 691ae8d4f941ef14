import type { ProblemCode } from '../problems/catalog';

/** A request header that a route understands. */
export interface HeaderParameter<Value> {
  readonly name: string;
  readonly description: string;
  readonly isRequired: boolean;
  /** JSON Schema of the text that is sent. */
  readonly schema: object;
  readonly problems: readonly ProblemCode[];
  /** @throws Problem, one of `problems` */
  readonly parse: (text: string | undefined) => Value;
}
