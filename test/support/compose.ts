import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { ROOT } from '../../dev/stack/folders';
import { findProgram, installPackages } from '../../dev/stack/installer';

const TIMEOUT_MS = 30_000;

const condition = z.object({ condition: z.string() });

const service = z.object({
  image: z.string(),
  build: z.object({ target: z.string() }).optional(),
  command: z.array(z.string()).nullish(),
  environment: z.record(z.string(), z.string().nullable()).default({}),
  depends_on: z.record(z.string(), condition).default({}),
  healthcheck: z.object({ test: z.array(z.string()) }).optional(),
  labels: z.record(z.string(), z.string()).default({}),
  logging: z.object({ options: z.record(z.string(), z.string()) }),
  restart: z.string(),
  profiles: z.array(z.string()).default([]),
  // Docker's own compose writes objects where Debian's writes one text.
  ports: z
    .array(
      z.union([
        z.string(),
        z
          .object({ host_ip: z.string(), published: z.string(), target: z.number() })
          .transform((port) => `${port.host_ip}:${port.published}:${port.target}`),
      ]),
    )
    .default([])
    .transform((ports) => ports.map((port) => port.replace('/tcp', ''))),
  volumes: z
    .array(
      z.union([
        z.string(),
        z
          .object({ source: z.string(), target: z.string() })
          .transform((volume) => `${volume.source}:${volume.target}`),
      ]),
    )
    .default([]),
  deploy: z.object({ resources: z.object({ limits: z.looseObject({}) }) }),
});

export type ComposeService = z.output<typeof service>;

const project = z.object({ services: z.record(z.string(), service) });

export interface ComposeRun {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `config` on docker-compose.yml with these settings and no others. */
export function runComposeConfig(settings: Readonly<Record<string, string>>): ComposeRun {
  const folder = mkdtempSync(path.join(tmpdir(), 'paysaga-compose-'));
  try {
    const file = path.join(folder, 'settings.env');
    const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`);
    writeFileSync(file, lines.join(''));
    const { program, args, format } = composeProgram();
    const options = ['--env-file', file, '-f', path.join(ROOT, 'docker-compose.yml')];
    const profiles = ['--profile', 'sandbox', '--profile', 'observability'];
    return run(program, [...args, ...options, ...profiles, 'config', ...format]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The services as compose understands them: merged, with every variable filled in. */
export function composeServices(
  settings: Readonly<Record<string, string>>,
): Readonly<Record<string, ComposeService>> {
  const { status, stdout, stderr } = runComposeConfig(settings);
  if (status !== 0) throw new Error(`compose refuses docker-compose.yml: ${stderr}`);
  return project.parse(JSON.parse(asJson(stdout))).services;
}

/** Docker's own compose where it is, else Debian's, which is installed where it is missing. */
function composeProgram(): { program: string; args: string[]; format: string[] } {
  const docker = findProgram('docker');
  if (docker !== undefined && run(docker, ['compose', 'version']).status === 0) {
    return { program: docker, args: ['compose'], format: ['--format', 'json'] };
  }
  if (findProgram('docker-compose') === undefined) {
    const packages = { apt: ['docker-compose'], brew: ['docker-compose'], services: [] };
    installPackages(packages, (line) => process.stderr.write(`${line}\n`));
  }
  const program = findProgram('docker-compose');
  if (program === undefined) throw new Error('docker-compose was installed and is not there');
  return { program, args: [], format: [] };
}

function run(program: string, args: readonly string[]): ComposeRun {
  const { status, stdout, stderr } = spawnSync(program, args, {
    encoding: 'utf8',
    timeout: TIMEOUT_MS,
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '/' },
  });
  return { status, stdout, stderr };
}

/** Debian's compose writes YAML only, and comes with the system's Python and its YAML reader. */
function asJson(text: string): string {
  if (text.startsWith('{')) return text;
  const program = 'import json, sys, yaml; json.dump(yaml.safe_load(sys.stdin), sys.stdout)';
  const { status, stdout, stderr } = spawnSync('/usr/bin/python3', ['-c', program], {
    encoding: 'utf8',
    input: text,
    timeout: TIMEOUT_MS,
  });
  if (status !== 0) throw new Error(`the YAML of compose could not be read: ${stderr}`);
  return stdout;
}
