/** @returns an address of the private stack; throws where there is none, instead of skipping */
export function fromStack(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') {
    throw new Error(`${name} is not set: run this test through "npm test -- <path>"`);
  }
  return value;
}

let counter = 0;

/** @returns a name that no other test of this run, in whatever process, uses */
export function uniqueName(prefix: string): string {
  counter += 1;
  return `${prefix}_${fromStack('TEST_RUN_ID')}_${process.pid}_${counter}`;
}

/** The Temporal namespace of this jest worker; within it, task queues keep files apart. */
export function testNamespace(): string {
  return `test-${fromStack('JEST_WORKER_ID')}`;
}

/** A prefix for Redis keys that no other test shares. */
export function testRedisPrefix(): string {
  return `${uniqueName('test')}:`;
}
