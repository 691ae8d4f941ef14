import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { tryLock } from '../ensure/lock.cjs';
import { CHILDREN, clearStaleStacks } from '../ensure/stacks.cjs';
import { DATA } from './folders';
import { migrateDatabase } from './migration';
import { keepRunning } from './keep-running';
import type { Part, PartContext } from './part';
import { buildParts, PORT_NAMES, type PartName, type StackPorts } from './parts';
import { choosePorts } from './ports';
import { logTail, type ManagedProcess, type ProcessSpec, ProcessTable } from './processes';
import { type Service, type ServiceOptions, spawnService, untilReady } from './service';
import { readState, writeState } from './state';

export interface StackOptions {
  /** The stack's folder below the clone's data folder. */
  readonly name: string;
  readonly parts: readonly PartName[];
  /** Keep the data for the next start, or remove it at the end. */
  readonly persist: boolean;
  /** Begin with empty data although it is kept otherwise. */
  readonly reset?: boolean;
  /** Temporal namespaces besides `default`. */
  readonly namespaces?: readonly string[];
  readonly say: (line: string) => void;
}

interface StartedService {
  readonly options: ServiceOptions;
  service: Service;
}

/** The private servers of one launcher, and the services it starts on top of them. */
export class Stack {
  private readonly parts = new Map<string, Part>();
  private readonly services: StartedService[] = [];
  private stopped: Promise<void> | undefined;

  private constructor(
    private readonly options: StackOptions,
    private readonly context: PartContext,
    private readonly release: () => void,
    readonly ports: StackPorts,
  ) {}

  /**
   * Takes the stack's folder, clears what earlier launchers left, and chooses ports. Nothing runs
   * yet, so a signal that arrives while the parts start finds a stack to stop.
   * @throws when a stack of that name is running
   */
  static async prepare(options: StackOptions): Promise<Stack> {
    const { name, persist, say } = options;
    const folder = path.join(DATA, name);
    // The others carry their launcher's pid in their name, so no two of them meet.
    const release = persist ? claim(name) : () => undefined;
    await clearStaleStacks(DATA, say);
    if (!persist || options.reset === true) rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const processes = new ProcessTable(folder, !persist);
    const ports = await choosePorts(PORT_NAMES, readState(folder)?.ports);
    // From now on nobody takes the addresses of an earlier run for this one's.
    writeState(folder, { ports, env: {} });
    return new Stack(options, { folder, persist, say, processes }, release, ports);
  }

  /**
   * Starts the parts side by side and waits until every one is healthy.
   * @throws when a part cannot be had or does not come up; call stop() then, too
   */
  async start(): Promise<void> {
    const { parts, namespaces = [] } = this.options;
    const built = await buildParts(this.context, { parts, namespaces, ports: this.ports });
    for (const part of built) this.parts.set(part.name, part);
    const outcomes = await Promise.allSettled(built.map((part) => this.startTimed(part)));
    const failure = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failure !== undefined) throw failure.reason;
  }

  get folder(): string {
    return this.context.folder;
  }

  /** The addresses of the private parts, by the names that the services read. */
  get env(): Record<string, string> {
    return Object.assign({}, ...[...this.parts.values()].map((part) => part.env));
  }

  /** One private server, to be stopped and started again in place. */
  part(name: PartName): Part {
    const part = this.parts.get(name);
    if (part === undefined) throw new Error(`the ${this.options.name} stack has no ${name}`);
    return part;
  }

  /** Applies the migrations to a database of this stack, or to one the user named. */
  async migrate(databaseUrl: string): Promise<void> {
    const from = Date.now();
    await migrateDatabase(this.context.processes, databaseUrl);
    this.context.say(`migrated after ${seconds(from)}`);
  }

  /** Starts any other process that is to end with the stack. */
  spawn(spec: ProcessSpec): ManagedProcess {
    return this.context.processes.spawn(spec);
  }

  /** Starts one of our own processes and waits until it is ready. */
  async startService(options: ServiceOptions): Promise<Service> {
    const from = Date.now();
    this.context.say(`starting ${options.name}`);
    const service = spawnService(this.context.processes, options);
    this.services.push({ options, service });
    await untilReady(service, options);
    this.context.say(`${options.name} ready after ${seconds(from)}`);
    return service;
  }

  /**
   * Starts our own processes again when they end by themselves, until one does so too often or a
   * private server ends, which nothing here can repair. @returns what to tell of that
   */
  async untilBroken(): Promise<string> {
    const { processes, say } = this.context;
    const own = new Set(this.services.map(({ service }) => service));
    const serverEnded = processes
      .firstExit(own)
      .then(({ name, logFile }) => `${name} ended by itself:\n${logTail(logFile)}`);
    const kept = this.services.map((each) =>
      keepRunning(each.service, { again: () => this.startAgain(each), say }),
    );
    return Promise.race([serverEnded, ...kept]);
  }

  /** Lets other commands of this clone find what runs here. */
  publish(env: Readonly<Record<string, string>>, withheld: readonly string[] = []): void {
    writeState(this.folder, { ports: this.ports, env, withheld: [...withheld] });
  }

  /** Stops services, then parts. Safe at any moment, also while starting, and more than once. */
  stop(): Promise<void> {
    this.stopped ??= this.stopAll();
    return this.stopped;
  }

  private async stopAll(): Promise<void> {
    const { folder, persist, processes } = this.context;
    processes.close();
    // Newest first and one after the other, while what each drains into still answers.
    for (const { service } of this.services.toReversed()) await service.stop();
    const parts = [...this.parts.values()];
    await Promise.allSettled(parts.map((part) => (persist ? part.stop() : part.discard())));
    await processes.stopRest();
    await clearStaleStacks(path.join(folder, CHILDREN), () => undefined);
    if (!persist) rmSync(folder, { recursive: true, force: true });
    this.release();
  }

  private startAgain(started: StartedService): Service {
    const { processes } = this.context;
    const next = spawnService(processes, started.options);
    // What has ended is taken off the record.
    void started.service.stop();
    started.service = next;
    return next;
  }

  private async startTimed(part: Part): Promise<void> {
    const from = Date.now();
    this.context.say(`starting ${part.name}`);
    await part.start();
    this.context.say(`${part.name} ready after ${seconds(from)}`);
  }
}

function claim(name: string): () => void {
  const outcome = tryLock(path.join(DATA, 'locks', name.replaceAll(path.sep, '-')));
  if ('release' in outcome) return outcome.release;
  throw new Error(
    `the ${name} stack of this clone is already running (process ${outcome.holder.pid}); ` +
      '"npm run -s stack:env" shows its addresses',
  );
}

function seconds(from: number): string {
  return `${((Date.now() - from) / 1000).toFixed(1)} s`;
}
