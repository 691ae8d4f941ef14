import { type StdioOptions, spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import path from 'node:path';

// Debian keeps servers in sbin folders that a user's PATH often lacks.
const EXTRA_FOLDERS = ['/usr/sbin', '/usr/local/sbin', '/sbin', '/opt/homebrew/bin'];

/** @returns the full path of a program, undefined when there is none */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(path.delimiter), ...EXTRA_FOLDERS];
  return folders
    .filter((folder) => folder !== '')
    .map((folder) => path.join(folder, name))
    .find(isExecutable);
}

export function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export interface SystemPackages {
  readonly apt: readonly string[];
  readonly brew: readonly string[];
  /** System services that the apt packages bring along. */
  readonly services: readonly string[];
  /** What can be done instead of installing, for whoever cannot. */
  readonly instead?: string;
}

/** What is to be installed, by the names of the package manager at hand. */
type Wanted = Pick<SystemPackages, 'instead'> & { readonly names: readonly string[] };

/**
 * Installs through the system's package manager, saying so first. The Homebrew path is untested.
 * @throws with what is missing, what was tried and how to get it
 */
export function installPackages(packages: SystemPackages, say: (line: string) => void): void {
  if (findProgram('apt-get') !== undefined) installWithApt(packages, say);
  else if (findProgram('brew') !== undefined) {
    say(`installing ${packages.brew.join(' and ')} with brew`);
    runOrExplain(['brew', 'install', ...packages.brew], { ...packages, names: packages.brew });
  } else {
    const wanted = { ...packages, names: packages.apt };
    throw missing(wanted, 'neither apt-get nor brew is here to install it');
  }
}

function installWithApt(packages: SystemPackages, say: (line: string) => void): void {
  const { apt: names, services } = packages;
  const wanted = { ...packages, names };
  const sudo = sudoPrefix(wanted);
  // Another package run (a machine's first boot does one) may hold the lock: wait for it.
  const apt = [
    ...sudo,
    'env',
    'DEBIAN_FRONTEND=noninteractive',
    'apt-get',
    '-qq',
    '-o',
    'DPkg::Lock::Timeout=300',
    '-o',
    'Dpkg::Use-Pty=0',
  ];
  const shown = [...sudo, 'apt-get', 'install', ...names].join(' ');
  say(`installing what is missing: ${shown}`);
  // A failed update is not the end: the package lists at hand may still do.
  run([...apt, 'update']);
  runOrExplain([...apt, 'install', '-y', '--no-install-recommends', ...names], wanted);
  if (services.length > 0 && existsSync('/run/systemd/system')) {
    // Debian starts what it installs, RabbitMQ on every interface. Only the programs were wanted.
    say(`switching off the system services that came along: ${services.join(', ')}`);
    run([...sudo, 'systemctl', 'disable', '--now', ...services]);
  }
}

function sudoPrefix(wanted: Wanted): string[] {
  if (process.getuid?.() === 0) return [];
  if (findProgram('sudo') === undefined) {
    throw missing(wanted, 'apt-get needs root, and there is no sudo');
  }
  // With nobody at a terminal a password prompt would hang for ever.
  return process.stdin.isTTY ? ['sudo'] : ['sudo', '-n'];
}

function run([command = '', ...args]: readonly string[]): boolean {
  // Output goes to stderr: stdout belongs to commands whose output is read by programs.
  const stdio: StdioOptions = ['inherit', process.stderr, process.stderr];
  return spawnSync(command, args, { stdio }).status === 0;
}

function runOrExplain(command: readonly string[], wanted: Wanted): void {
  if (run(command)) return;
  throw missing(wanted, `"${command.join(' ')}" failed; its own message is above`);
}

function missing({ names, instead }: Wanted, tried: string): Error {
  const otherwise = instead === undefined ? '' : `, or ${instead}`;
  return new Error(`${names.join(' and ')} not installed: ${tried}. Install by hand${otherwise}.`);
}
