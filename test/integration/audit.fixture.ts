import { createAuditReader } from '../../adapters/postgres/audit-reader';
import { createDatabase } from '../../adapters/postgres/client';
import { createStripeListing } from '../../adapters/stripe/stripe-listing';
import { audit } from '../../application/audit';
import type { PaymentFinding } from '../../application/audit';
import { silentLog } from '../support/silent-log';
import type { SagaRig } from './saga-rig.fixture';

/** Everything that breaks a rule, as `npm run audit` finds it. */
export async function auditFindings(
  rig: Pick<SagaRig, 'databaseUrl' | 'sandboxUrl' | 'deps'>,
): Promise<PaymentFinding[]> {
  const database = createDatabase({
    databaseUrl: rig.databaseUrl,
    poolSize: 2,
    applicationName: 'audit-test',
    log: silentLog,
  });
  const found: PaymentFinding[] = [];
  try {
    await audit({
      reader: createAuditReader(database.prisma),
      provider: rig.deps.provider,
      listing: createStripeListing({
        apiKey: 'sk_test_rig',
        apiUrl: rig.sandboxUrl,
        timeoutMs: 5_000,
        // Several pages also of a few.
        pageSize: 4,
      }),
      onFinding: (finding) => void found.push(finding),
    });
    return found;
  } finally {
    await database.close();
  }
}
