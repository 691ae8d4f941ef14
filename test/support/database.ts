import { createDatabase, dropDatabase, withDatabase } from '../../dev/stack/database';
import { fromStack, uniqueName } from './stack-environment';

export interface TestDatabase {
  readonly url: string;
  /** Drops it, cutting whatever connections are left. */
  readonly drop: () => Promise<void>;
}

/** A migrated, empty database of the test's own: a copy of the template, made in some 50 ms. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const url = withDatabase(fromStack('DATABASE_URL'), uniqueName('test'));
  await createDatabase({ url, template: fromStack('TEST_TEMPLATE_DATABASE') });
  return { url, drop: () => dropDatabase(url) };
}

/** An empty database without any table, for tests of the migrations themselves. */
export async function createEmptyDatabase(): Promise<TestDatabase> {
  const url = withDatabase(fromStack('DATABASE_URL'), uniqueName('empty'));
  await createDatabase({ url });
  return { url, drop: () => dropDatabase(url) };
}
