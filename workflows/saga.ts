import { CancellationScope } from '@temporalio/workflow';

/** Brings one act back. Runs as often as needed, and tolerates that the act never happened. */
export interface Undo<Report> {
  readonly name: string;
  readonly run: () => Promise<Report>;
}

export type Compensation<Report> =
  | { readonly kind: 'undone'; readonly reports: readonly Report[] }
  | { readonly kind: 'unfinished'; readonly failures: readonly unknown[] };

/**
 * Remembers how to undo what is about to be done. Register first, act second: an act whose answer
 * is lost is undone all the same.
 */
export class Saga<Report> {
  private undos: Undo<Report>[] = [];

  register(undo: Undo<Report>): void {
    this.undos.push(undo);
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
}
