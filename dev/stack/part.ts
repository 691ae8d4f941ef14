import type { ProcessTable } from './processes';

/** What every part of a stack is given. */
export interface PartContext {
  /** The stack's own folder; a part keeps to a sub-folder of its name. */
  readonly folder: string;
  readonly processes: ProcessTable;
  /** Keep data through crashes (`npm start`), or trade that for speed (tests, demo). */
  readonly persist: boolean;
  readonly say: (line: string) => void;
}

/** One private server. Stop and start keep its ports and, while the stack lives, its data. */
export interface Part {
  readonly name: string;
  /** The addresses it is reached at, by the names that the services read. */
  readonly env: Readonly<Record<string, string>>;
  /** @throws when the part is not healthy by its deadline */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Ends it the quickest way, because its data is about to be removed. */
  discard(): Promise<void>;
  /** Ends it as a crash would. */
  kill(): Promise<void>;
}
