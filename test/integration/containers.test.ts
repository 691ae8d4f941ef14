import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { builtinModules } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { loadApiConfig, loadCommandWorkerConfig, loadOutboxWorkerConfig } from '../../config';
import { searchAttributes } from '../../contracts/workflow-names';
import { ROOT } from '../../dev/stack/folders';
import { composeServices, runComposeConfig } from '../support/compose';
import type { ComposeService } from '../support/compose';
import { lastStage, readImage } from '../support/image';

const OPERATORS_WORDS = [
  ...['postgresql', 'rabbitmq', 'redis', 'temporal-schema', 'temporal', 'temporal-namespace'],
  ...['temporal-ui', 'migrate', 'api', 'outbox-worker', 'command-worker', 'stripe-sandbox'],
  ...['prometheus', 'loki', 'alloy', 'grafana'],
];
const JOBS = ['temporal-schema', 'temporal-namespace', 'migrate'];
const PROCESSES = ['migrate', 'api', 'outbox-worker', 'command-worker'];

const read = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8');

let folder: string;
let settings: Record<string, string>;
let services: Readonly<Record<string, ComposeService>>;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'paysaga-containers-'));
  mkdirSync(path.join(folder, 'deploy'));
  cpSync(path.join(ROOT, 'deploy/make-env.sh'), path.join(folder, 'deploy/make-env.sh'));
  if (makeEnv('--sandbox').status !== 0) throw new Error('deploy/make-env.sh failed');
  settings = Object.fromEntries(
    readFileSync(path.join(folder, '.env'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.split('=') as [string, string]),
  );
  services = composeServices(settings);
});

afterAll(() => rmSync(folder, { recursive: true }));

function makeEnv(...options: string[]) {
  const script = path.join(folder, 'deploy/make-env.sh');
  return spawnSync('sh', [script, ...options], { encoding: 'utf8' });
}

function serviceNamed(name: string): ComposeService {
  const found = services[name];
  if (found === undefined) throw new Error(`docker-compose.yml has no service ${name}`);
  return found;
}

/** What a process of the service sees: the image's variables, then those of the compose file. */
function environmentOf(name: string): Record<string, string> {
  const { build, environment } = serviceNamed(name);
  const own = Object.entries(environment).map(([key, value]) => [key, value ?? ''] as const);
  return { ...readImage(build?.target ?? '').environment, ...Object.fromEntries(own) };
}

describe('docker-compose.yml', () => {
  it("has the services by the operator's words", () => {
    expect(Object.keys(services).toSorted()).toEqual(OPERATORS_WORDS.toSorted());
  });

  it('starts nothing without its secrets, and says how to get them', () => {
    const { status, stderr } = runComposeConfig({ ...settings, POSTGRES_PASSWORD: '' });
    expect(status).not.toBe(0);
    expect(stderr).toContain('run sh deploy/make-env.sh');
  });

  it('holds no secret, and no default for one', () => {
    const text = read('docker-compose.yml');
    const secrets = [...text.matchAll(/\$\{(\w*(?:PASSWORD|SECRET|API_KEY))(.*?)\}/g)];
    expect(secrets.length).toBeGreaterThan(8);
    for (const [, name = '', rest = ''] of secrets) expect(`${name}${rest}`).toMatch(/^\w+:\?/);
    expect(text).not.toMatch(/sk_(test|live)_|whsec_\w|(PASSWORD|PWD|PASS): [^$\n]/);
  });

  it('pins every image that is not built here to a version', () => {
    const foreign = Object.values(services).filter(({ build }) => build === undefined);
    expect(foreign).toHaveLength(11);
    for (const { image } of foreign) expect(image).toMatch(/^[\w/-]+:v?\d+\.\d+(\.\d+)?(-\w+)?$/);
  });

  it('limits, restarts and rotates the log of every service', () => {
    for (const [name, service] of Object.entries(services)) {
      const { limits } = service.deploy.resources;
      expect(Object.keys(limits).toSorted()).toEqual(['cpus', 'memory']);
      expect(service.logging.options).toHaveProperty('max-size');
      expect(service.restart).toBe(JOBS.includes(name) ? 'on-failure' : 'unless-stopped');
    }
  });

  it('waits for jobs to complete, and for servers that can say so to be healthy', () => {
    for (const { depends_on: needs } of Object.values(services)) {
      for (const [name, { condition }] of Object.entries(needs)) {
        const isChecked = serviceNamed(name).healthcheck !== undefined;
        const wanted = JOBS.includes(name) ? 'service_completed_successfully' : 'service_healthy';
        expect(condition).toBe(isChecked || JOBS.includes(name) ? wanted : 'service_started');
      }
    }
    for (const name of ['api', 'outbox-worker', 'command-worker']) {
      expect(Object.keys(serviceNamed(name).depends_on)).toContain('migrate');
    }
  });

  it('publishes ports to this machine only, and no port twice', () => {
    const ports = Object.values(services).flatMap((service) => service.ports);
    expect(ports).toEqual(expect.arrayContaining(['127.0.0.1:15672:15672', '127.0.0.1:3000:3000']));
    expect(ports.every((port) => port.startsWith('127.0.0.1:'))).toBe(true);
    const published = ports.map((port) => port.split(':')[1]);
    expect(new Set(published).size).toBe(published.length);
  });

  it('leaves the sandbox and the observability servers to their profiles', () => {
    const profiled = Object.entries(services).filter(([, { profiles }]) => profiles.length > 0);
    expect(Object.fromEntries(profiled.map(([name, { profiles }]) => [name, profiles[0]]))).toEqual(
      {
        'stripe-sandbox': 'sandbox',
        prometheus: 'observability',
        loki: 'observability',
        alloy: 'observability',
        grafana: 'observability',
      },
    );
  });

  it('mounts only files of this project', () => {
    const mounts = Object.values(services).flatMap((service) => service.volumes);
    const files = mounts
      .map((mount) => mount.split(':')[0] ?? '')
      .filter((from) => from[0] === '/');
    const own = files.filter((file) => file !== '/var/run/docker.sock');
    expect(own.length).toBeGreaterThan(6);
    // Dashboards may be none; Docker then makes the folder.
    for (const file of own.filter((each) => !each.endsWith('/dashboards'))) {
      expect(existsSync(file) ? 'there' : file).toBe('there');
    }
  });

  it('has the logs of both workers collected', () => {
    const [, label = '', value = ''] = /values = \["([\w.]+)=(\w+)"\]/.exec(
      read('deploy/alloy/config.alloy'),
    )!;
    for (const name of ['outbox-worker', 'command-worker']) {
      expect(serviceNamed(name).labels).toEqual({ [label]: value });
    }
  });

  it('scrapes each process at the port it listens on', () => {
    const text = read('deploy/prometheus/prometheus.yml');
    expect(text).toContain(`names: [api], type: A, port: ${environmentOf('api')['API_PORT']}`);
    const { WORKER_OUTBOX_PORT: outbox } = environmentOf('outbox-worker');
    expect(text).toContain(`names: [outbox-worker], type: A, port: ${outbox}`);
    const { WORKER_COMMANDS_PORT: commands } = environmentOf('command-worker');
    expect(text).toContain(`names: [command-worker], type: A, port: ${commands}`);
  });
});

describe('the settings of the processes', () => {
  it.each([
    ['api', loadApiConfig, 'API_PORT'],
    ['outbox-worker', loadOutboxWorkerConfig, 'WORKER_OUTBOX_PORT'],
    ['command-worker', loadCommandWorkerConfig, 'WORKER_COMMANDS_PORT'],
  ] as const)('of %s are accepted, and each is one that it reads', (name, load, port) => {
    const environment = environmentOf(name);
    const config = load(environment);
    expect(config.NODE_ENV).toBe('production');
    const documented = new Set(read('.env.example').match(/[A-Z][A-Z_]+(?==)/g));
    const unknown = Object.keys(serviceNamed(name).environment).filter(
      (each) => !documented.has(each),
    );
    expect(unknown).toEqual([]);
    expect(serviceNamed(name).healthcheck?.test.at(-1)).toBe(
      `http://127.0.0.1:${environment[port]}/readyz`,
    );
  });

  it('of the sandbox are each one that it reads', () => {
    const source = read('sandbox/main.ts');
    const names = Object.keys(environmentOf('stripe-sandbox')).filter(
      (name) => name !== 'NODE_ENV',
    );
    for (const name of names) expect(source).toContain(`process.env['${name}']`);
  });

  it('of Temporal name the search attributes that sagas set', () => {
    const created = read('deploy/temporal/namespace.sh').matchAll(/^retry attribute (\w+)/gm);
    expect(new Set([...created].map(([, name]) => name))).toEqual(
      new Set(Object.values(searchAttributes)),
    );
  });
});

describe('deploy/make-env.sh', () => {
  it('never replaces the passwords of volumes that exist', () => {
    const before = readFileSync(path.join(folder, '.env'), 'utf8');
    expect(makeEnv().status).not.toBe(0);
    expect(readFileSync(path.join(folder, '.env'), 'utf8')).toBe(before);
  });

  it('makes every password anew, for its owner to read only', () => {
    rmSync(path.join(folder, '.env'));
    expect(makeEnv().status).toBe(0);
    const text = readFileSync(path.join(folder, '.env'), 'utf8');
    const passwords = Object.entries(settings).filter(([name]) => name.endsWith('PASSWORD'));
    for (const [, value] of passwords) expect(text).not.toContain(value);
    expect(new Set(text.match(/[0-9a-f]{48}/g)).size).toBe(6);
    expect(spawnSync('stat', ['-c', '%a', path.join(folder, '.env')]).stdout.toString()).toBe(
      '600\n',
    );
  });

  it('leaves Stripe to be filled in, unless asked for the sandbox', () => {
    const { status, stderr } = runComposeConfig({
      ...settings,
      STRIPE_API_KEY: '',
      STRIPE_WEBHOOK_SECRET: '',
    });
    expect(status).not.toBe(0);
    expect(stderr).toMatch(/STRIPE_(API_KEY|WEBHOOK_SECRET)/);
    expect(makeEnv('--sandbx').status).toBe(2);
  });
});

describe('the image', () => {
  it('is the production target unless another is asked for', () => {
    expect(lastStage()).toBe('production');
  });

  it.each(['production', 'sandbox'])('%s runs as a user without rights', (target) => {
    expect(readImage(target).user).toBe('node');
  });

  it.each(PROCESSES)('holds what starts %s', (name) => {
    const { build, command } = serviceNamed(name);
    const entry = command?.at(-1) ?? '';
    const room = path.dirname(entry);
    expect(readImage(build?.target ?? '').copies.map(([, to]) => to)).toContain(room);
    expect(existsSync(path.join(ROOT, entry))).toBe(true);
  });

  it('holds no development, test or sandbox code', () => {
    const held = readImage('production').copies.map(([, to]) => to);
    expect(held).not.toHaveLength(0);
    expect(
      held.filter((to) => /^dist\/(dev|bench|examples|test|sandbox|workflows)\b/.test(to)),
    ).toEqual([]);
  });

  it('needs only packages that a production install has', () => {
    const packages = JSON.parse(read('package.json')) as { dependencies: Record<string, string> };
    const rooms = readImage('production').copies.filter(([from]) => /^dist\/\w+$/.test(from));
    const sources = rooms.flatMap(([from]) => scriptsBelow(from));
    expect(sources.length).toBeGreaterThan(100);
    const needed = new Set(sources.flatMap((file) => packagesOf(read(file))));
    // The logger looks for it and does without it.
    needed.delete('pino-pretty');
    const missing = [...needed].filter((name) => !(name in packages.dependencies));
    expect(missing).toEqual([]);
  });

  it('lets every source that is compiled into the build, no example and no file of settings', () => {
    const ignored = read('.dockerignore');
    const sources = /const SOURCES = '([^']+)'\s*\.concat\('([^']+)'\)/.exec(
      read('dev/ensure/outputs.cjs'),
    )!;
    const outside = ['generated', 'examples'];
    const names = `${sources[1]}${sources[2]}`.split(' ').filter((name) => !outside.includes(name));
    for (const name of names) expect(ignored).toContain(`\n!${name}\n`);
    expect(ignored).not.toContain('examples');
    expect(ignored).toContain('\n**/.env*\n');
  });
});

function scriptsBelow(room: string): string[] {
  const files = readdirSync(path.join(ROOT, room), { recursive: true, encoding: 'utf8' });
  return files.filter((file) => file.endsWith('.js')).map((file) => path.join(room, file));
}

function packagesOf(code: string): string[] {
  const names = [...code.matchAll(/\brequire(?:\.resolve)?\(["']([^"'.][^"']*)["']\)/g)].map(
    ([, name = '']) => name,
  );
  return names
    .filter((name) => !name.startsWith('node:') && !builtinModules.includes(name))
    .map((name) =>
      name
        .split('/')
        .slice(0, name.startsWith('@') ? 2 : 1)
        .join('/'),
    );
}
