import { createTemporalClient } from './client';
import type { TemporalAddress } from './connection';
import { requiredSearchAttributes } from './search-attributes';

export interface TemporalInspection {
  /** Such as `Temporal 1.32.0`. */
  product(): Promise<string>;
  hasNamespace(): Promise<boolean>;
  /** Those that are missing or have another type, each as `Name=Type`. */
  missingSearchAttributes(): Promise<readonly string[]>;
  close(): Promise<void>;
}

const limitMs = 4_000;
// Codes of gRPC.
const deadlineExceeded = 4;
const notFound = 5;

/** A client to look at the server with; it connects on the first question. */
export function inspectTemporal(address: TemporalAddress): TemporalInspection {
  const temporal = createTemporalClient(address);
  const { client } = temporal;
  const asking = <T>(ask: () => Promise<T>) =>
    client.withDeadline(Date.now() + limitMs, ask).catch((error: unknown) => {
      // The library repeats until the deadline and then names only the last, cut-short attempt.
      if (Reflect.get(Object(error), 'code') !== deadlineExceeded) throw error;
      throw new Error(`no answer from ${address.address} within ${limitMs} ms`, { cause: error });
    });
  const { workflowService, operatorService } = client.connection;
  const { namespace } = address;
  return {
    product: async () => {
      const { serverVersion } = await asking(() => workflowService.getSystemInfo({}));
      return `Temporal ${serverVersion}`;
    },
    hasNamespace: async () => {
      try {
        await asking(() => workflowService.describeNamespace({ namespace }));
        return true;
      } catch (error) {
        if (Reflect.get(Object(error), 'code') === notFound) return false;
        throw error;
      }
    },
    missingSearchAttributes: async () => {
      const { customAttributes } = await asking(() =>
        operatorService.listSearchAttributes({ namespace }),
      );
      return requiredSearchAttributes
        .filter(({ name, type }) => Number(customAttributes[name]) !== type)
        .map(({ name, title }) => `${name}=${title}`);
    },
    close: () => temporal.close(),
  };
}
