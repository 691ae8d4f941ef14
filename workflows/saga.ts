import { CancellationScope } from '@temporalio/workflow';

/** Brings one act back. Runs as often as needed, and tolerates that the act never happened. */
export interface Undo<Report> {
  readonly name: string;
  readonly run: () => Promise<Report>;
}

/** One act of a saga. */
export interface Step<Report, Result> {
  /** Left out where there is nothing to bring back. */
  readonly undo?: Undo<Report>;
  readonly act: () => Promise<Result>;
  /**
   * Finds out what became of an act that ended without an answer: done, or not. Rejects when that
   * cannot be told, with the act's own error or another. Left out, the act's error is the end of it.
   */
  readonly resolve?: (error: unknown) => Promise<Result>;
}

export type Compensation<Report> =
  | { readonly kind: 'undone'; readonly reports: readonly Report[] }
  | { readonly kind: 'unfinished'; readonly failures: readonly unknown[] };

/** Where an operator's requests to a parked saga come in, one at a time. */
export interface Desk<Request, Answer> {
  /** Waits for the next request, however long. */
  next(): Promise<Request>;
  /** Tells the operator what became of it. */
  reply(answer: Answer): void;
}

/**
 * The bookkeeping of a saga: what was done, how to bring it back, and what waits for an operator.
 *
 * - `run` registers the undo first and acts second: an act whose answer is lost is undone all the
 *   same. An act whose outcome is unknown is resolved before anybody decides what comes next.
 * - `compensate` undoes, the last act first, and says what it could not finish.
 * - `park` stays with what could not be finished until an operator's request brings it to an end.
 * - `forget` ends it: the outcome is recorded and nothing is left to bring back.
 *
 * It keeps no state but its list, calls no activity by itself, and so costs no history events.
 */
export class Saga<Report> {
  private undos: Undo<Report>[] = [];

  register(undo: Undo<Report>): void {
    this.undos.push(undo);
  }

  /** @throws what the act, or its resolution, throws; the undo stays registered then */
  async run<Result>({ undo, act, resolve }: Step<Report, Result>): Promise<Result> {
    if (undo !== undefined) this.register(undo);
    try {
      return await act();
    } catch (error) {
      if (resolve === undefined) throw error;
      return await resolve(error);
    }
  }

  /** The names of what would be undone, in the order it would be. */
  pending(): string[] {
    return this.undos.map((undo) => undo.name).toReversed();
  }

  /** Nothing is left to bring back: the outcome is recorded. */
  forget(): void {
    this.undos = [];
  }

  /**
   * Runs every undo, the last act's first, also while the workflow is being canceled. One that
   * fails does not keep the others from running. All stay registered until `forget`: an undo that
   * succeeded and whose outcome could not be recorded is run again, and finds nothing to do.
   */
  compensate(): Promise<Compensation<Report>> {
    return CancellationScope.nonCancellable(async () => {
      const reports: Report[] = [];
      const failures: unknown[] = [];
      for (const undo of this.undos.toReversed()) {
        try {
          reports.push(await undo.run());
        } catch (error) {
          failures.push(error);
        }
      }
      return failures.length === 0 ? { kind: 'undone', reports } : { kind: 'unfinished', failures };
    });
  }

  /**
   * Serves an operator until a request brings the saga to its end.
   * @param attempt what a request leads to: `ended` closes the saga with that answer
   * @returns the answer that ended it
   */
  async park<Request, Answer>(
    desk: Desk<Request, Answer>,
    attempt: (request: Request) => Promise<{ readonly ended: boolean; readonly answer: Answer }>,
  ): Promise<Answer> {
    for (;;) {
      const { ended, answer } = await attempt(await desk.next());
      desk.reply(answer);
      if (ended) return answer;
    }
  }
}
