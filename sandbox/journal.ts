import { closeSync, existsSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { KINDS, type Change, type Kind } from './changes';
import { planAgain } from './plan-again';
import { allChanges, shelves, type State } from './shelves';

/** One change as a line of the file; nothing after the tab when the thing is gone. */
function lineOf(state: State, { kind, id }: Change): string {
  return `${JSON.stringify([kind, id])}\t${shelves[kind].write(state, id) ?? ''}\n`;
}

/**
 * Takes in what the file says last of each thing. A line cut off by a kill was never answered for.
 * @throws for a file that no sandbox wrote
 */
function load(state: State, file: string): void {
  const found = new Map<Kind, Map<string, string>>(KINDS.map((kind) => [kind, new Map()]));
  for (const line of readFileSync(file, 'utf8').split('\n').slice(0, -1)) {
    const tab = line.indexOf('\t');
    if (tab < 0)
      throw new Error(
        `${file} is no data file of this sandbox: remove it, or npm start -- --reset`,
      );
    const [kind, id]: [Kind, string] = JSON.parse(line.slice(0, tab));
    const json = line.slice(tab + 1);
    if (json === '') found.get(kind)?.delete(id);
    else found.get(kind)?.set(id, json);
  }
  for (const kind of KINDS) {
    for (const [id, json] of found.get(kind) ?? []) shelves[kind].load(state, { id, json });
  }
  planAgain(state.world);
}

/** Writes the whole state aside and renames it: a kill meanwhile leaves the file before. */
function compact(state: State, file: string): void {
  const aside = `${file}.new`;
  const handle = openSync(aside, 'w', 0o600);
  try {
    for (const change of allChanges(state)) writeSync(handle, lineOf(state, change));
  } finally {
    closeSync(handle);
  }
  renameSync(aside, file);
}

/**
 * The data file. It is written to before an answer goes out, so that what was answered outlives
 * the process, however it ends; not the machine, for nothing is synced.
 */
export class Journal {
  readonly #state: State;
  readonly #handle: number;

  /** Takes the file's state in, when there is one, and begins to write. */
  constructor(state: State, file: string) {
    this.#state = state;
    const { changes } = state.world;
    if (existsSync(file)) changes.quietly(() => load(state, file));
    changes.quietly(() => compact(state, file));
    this.#handle = openSync(file, 'a', 0o600);
    changes.start();
  }

  /** Appends what changed since the last call. */
  flush(): void {
    const { changes } = this.#state.world;
    const taken = changes.take();
    if (taken.length === 0) return;
    const text = changes.quietly(() => taken.map((change) => lineOf(this.#state, change)).join(''));
    writeSync(this.#handle, text);
  }

  close(): void {
    this.#state.deliveries.noteHeld();
    this.flush();
    closeSync(this.#handle);
  }
}
