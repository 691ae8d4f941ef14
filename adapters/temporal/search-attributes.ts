import type { Client } from '@temporalio/client';
import type { Log } from '../../application/ports/log';
import { searchAttributes } from '../../contracts/workflow-names';

// Values of temporal.api.enums.v1.IndexedValueType; the enum lives in a package of its own.
const keywordType = 2;
const intType = 3;
const alreadyExists = 6;

/** Each with its IndexedValueType, and with the name that the command line gives that type. */
export const requiredSearchAttributes = [
  { name: searchAttributes.paymentStatus, type: keywordType, title: 'Keyword' },
  { name: searchAttributes.merchantId, type: keywordType, title: 'Keyword' },
  { name: searchAttributes.amountMinor, type: intType, title: 'Int' },
] as const;

/**
 * Registers the attributes by which payments are found in Temporal; repeating it is harmless.
 * Where only an administrator may do it, the log says what is missing: a start with an unknown
 * attribute is refused by the server.
 */
export async function registerSearchAttributes(
  { client, log }: { readonly client: Client; readonly log: Log },
  timeoutMs = 5_000,
): Promise<void> {
  try {
    await client.withDeadline(Date.now() + timeoutMs, () =>
      client.connection.operatorService.addSearchAttributes({
        namespace: client.options.namespace,
        searchAttributes: Object.fromEntries(
          requiredSearchAttributes.map(({ name, type }) => [name, type]),
        ),
      }),
    );
  } catch (error) {
    if (grpcCode(error) === alreadyExists) return;
    log.warn({ error: String(error) }, 'search attributes could not be registered');
  }
}

function grpcCode(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}
