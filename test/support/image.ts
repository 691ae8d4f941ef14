import { cpSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../../dev/stack/folders';

interface Stage {
  readonly name: string;
  readonly from: string;
  readonly lines: readonly string[];
}

export interface Image {
  /** Its ENV lines, those of the stages below it included. */
  readonly environment: Readonly<Record<string, string>>;
  /** Copied from the build stage or the clone: path in the clone, path below /app. */
  readonly copies: ReadonlyArray<readonly [from: string, to: string]>;
  readonly user: string;
  readonly command: readonly string[];
}

/** What the Dockerfile puts into one of its targets. */
export function readImage(target: string): Image {
  const lines = stagesBelow(target).flatMap((stage) => stage.lines);
  const last = (word: string) => lines.filter((line) => line.startsWith(`${word} `)).at(-1) ?? '';
  const environment = lines.flatMap((line) => {
    const [, name = '', value = ''] = /^ENV (\w+)=(\S+)$/.exec(line) ?? [];
    return name === '' ? [] : [[name, value] as const];
  });
  return {
    environment: Object.fromEntries(environment),
    copies: lines.flatMap(readCopy),
    user: last('USER').replace('USER ', ''),
    command: JSON.parse(last('CMD').replace('CMD ', '')) as string[],
  };
}

export function lastStage(): string {
  return readStages().at(-1)?.name ?? '';
}

/** Lays a target out in a folder; its packages are a link to an installation that is there. */
export function assembleImage(target: string, { folder, modules }: ImagePlace): void {
  for (const [from, to] of readImage(target).copies) {
    const destination = path.join(folder, to);
    mkdirSync(path.dirname(destination), { recursive: true });
    cpSync(path.join(ROOT, from), destination, { recursive: true });
  }
  symlinkSync(modules, path.join(folder, 'node_modules'));
}

export interface ImagePlace {
  readonly folder: string;
  readonly modules: string;
}

function readCopy(line: string): Array<readonly [string, string]> {
  const [, stage = '', from = '', to = ''] =
    /^COPY (?:--from=(\S+) )?(\S+) \.\/(\S+)$/.exec(line) ?? [];
  if (to === '' || stage === 'dependencies') return [];
  return [[from.replace('/app/', ''), to]];
}

function stagesBelow(target: string): Stage[] {
  const stage = readStages().find(({ name }) => name === target);
  return stage === undefined ? [] : [...stagesBelow(stage.from), stage];
}

function readStages(): Stage[] {
  const text = readFileSync(path.join(ROOT, 'Dockerfile'), 'utf8');
  return text.split(/^(?=FROM )/m).flatMap((part) => {
    const [, from = '', name = ''] = /^FROM (?:--\S+ )?(\S+) AS (\S+)/.exec(part) ?? [];
    return name === '' ? [] : [{ name, from, lines: part.split('\n') }];
  });
}
