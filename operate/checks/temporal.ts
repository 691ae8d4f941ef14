import { inspectTemporal } from '../../adapters/temporal/inspection';
import { Fault } from '../../application/diagnosis';
import type { Check } from '../../application/diagnosis';

/** The connection to Temporal, its namespace and the search attributes. */
export function temporalChecks(address: Parameters<typeof inspectTemporal>[0]): Check[] {
  const inspection = inspectTemporal(address);
  const { namespace } = address;
  return [
    {
      name: 'temporal',
      advice: 'is it running, and does TEMPORAL_ADDRESS name it? temporal operator cluster health',
      run: async () => {
        const product = await inspection.product();
        if (await inspection.hasNamespace()) return `${product} answers, namespace ${namespace}`;
        throw new Fault(
          `there is no namespace ${namespace}`,
          `temporal operator namespace create --namespace ${namespace}, or set TEMPORAL_NAMESPACE`,
        );
      },
    },
    {
      name: 'search attributes',
      needs: 'temporal',
      advice: 'the credentials must be allowed to list search attributes',
      run: async () => {
        const missing = await inspection.missingSearchAttributes();
        if (missing.length === 0) return 'all registered';
        throw new Fault(
          `missing, or of another type: ${missing.join(', ')}; sagas will not start`,
          `temporal operator search-attribute create --namespace ${namespace} ${flagsFor(missing)}`,
        );
      },
    },
  ];
}

function flagsFor(missing: readonly string[]): string {
  return missing
    .map((attribute) => attribute.split('='))
    .map(([name, type]) => `--name ${name} --type ${type}`)
    .join(' ');
}
