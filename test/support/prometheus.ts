import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { CHILDREN } from '../../dev/ensure/stacks.cjs';
import { findProgram, installPackages } from '../../dev/stack/installer';
import { choosePorts } from '../../dev/stack/ports';
import { ProcessTable, untilHealthy } from '../../dev/stack/processes';
import { fromStack, uniqueName } from './stack-environment';

const programs = ['prometheus', 'promtool'] as const;

/** @returns the path of a program of Prometheus, which is installed where it is missing */
export function prometheusProgram(name: (typeof programs)[number]): string {
  if (programs.some((each) => findProgram(each) === undefined)) {
    const packages = ['prometheus'];
    const say = (line: string) => void process.stderr.write(`${line}\n`);
    installPackages({ apt: packages, brew: packages, services: packages }, say);
  }
  const found = findProgram(name);
  if (found === undefined) throw new Error(`${name} was installed, yet it is nowhere to be found`);
  return found;
}

/** Runs promtool in deploy/prometheus. @returns its exit code and everything it said */
export function promtool(args: readonly string[], cwd: string): { code: number; output: string } {
  const run = spawnSync(prometheusProgram('promtool'), [...args], { cwd, encoding: 'utf8' });
  return { code: run.status ?? -1, output: `${run.stdout}${run.stderr}` };
}

export interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Rule {
  readonly name: string;
  readonly query: string;
  /** `ok` once it was evaluated without an error. */
  readonly health: string;
}

export interface Prometheus {
  /** Evaluates an expression now. @throws with the server's words when it is no PromQL */
  query(expression: string): Promise<readonly Sample[]>;
  /** The alert rules as the server reads them. */
  rules(): Promise<readonly Rule[]>;
  stop(): Promise<void>;
}

/** A private Prometheus that scrapes the named jobs each second and evaluates the rules. */
export async function startPrometheus(options: {
  readonly jobs: Readonly<Record<string, string>>;
  readonly rulesFile: string;
}): Promise<Prometheus> {
  const folder = path.join(fromStack('TEST_STACK_FOLDER'), CHILDREN, uniqueName('prometheus'));
  mkdirSync(folder, { recursive: true });
  const configFile = path.join(folder, 'prometheus.json');
  // JSON is YAML, and needs no writer of its own.
  writeFileSync(configFile, JSON.stringify(configuration(options)));
  const { port } = await choosePorts(['port']);
  const url = `http://127.0.0.1:${port}`;
  const server = new ProcessTable(folder, true).spawn({
    name: 'prometheus',
    command: prometheusProgram('prometheus'),
    args: [
      `--config.file=${configFile}`,
      `--storage.tsdb.path=${path.join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    env: { PATH: process.env['PATH'] ?? '' },
  });
  const check = async () => {
    const answer = await fetch(`${url}/-/ready`, { signal: AbortSignal.timeout(2_000) });
    if (!answer.ok) throw new Error(`answers ${answer.status}`);
  };
  await untilHealthy(server, { check, deadlineMs: 20_000 });
  return {
    query: (expression) => query(url, expression),
    rules: () => rules(url),
    stop: () => server.stop(),
  };
}

function configuration(options: {
  readonly jobs: Readonly<Record<string, string>>;
  readonly rulesFile: string;
}): object {
  return {
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: [options.rulesFile],
    scrape_configs: Object.entries(options.jobs).map(([job, target]) => ({
      job_name: job,
      static_configs: [{ targets: [new URL(target).host] }],
    })),
  };
}

async function query(url: string, expression: string): Promise<readonly Sample[]> {
  const answer = await fetch(`${url}/api/v1/query`, {
    method: 'POST',
    body: new URLSearchParams({ query: expression }),
    signal: AbortSignal.timeout(5_000),
  });
  const body = (await answer.json()) as {
    error?: string;
    data?: { result: { metric: Record<string, string>; value: [number, string] }[] };
  };
  if (body.data === undefined) throw new Error(`${expression}: ${body.error ?? answer.status}`);
  return body.data.result.map(({ metric, value }) => ({ metric, value: Number(value[1]) }));
}

async function rules(url: string): Promise<readonly Rule[]> {
  const answer = await fetch(`${url}/api/v1/rules`, { signal: AbortSignal.timeout(5_000) });
  const body = (await answer.json()) as { data: { groups: { rules: Rule[] }[] } };
  return body.data.groups.flatMap((group) => group.rules);
}
