import Ajv from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020';
import { randomUUID } from 'node:crypto';
import specification from '@asyncapi/specs/schemas/3.0.0.json';
import * as messages from '../../contracts/messages';
import { describedMessages } from '../../contracts/schemas/message-catalog';
import { paymentFactTypes } from '../../domain/payment-facts';
import { paymentEventTypes } from '../../domain/payment-states';
import { asyncApiDocument } from './document';

interface Described {
  readonly channels: Record<
    string,
    { readonly messages: Record<string, { readonly $ref: string }> }
  >;
  readonly components: { readonly messages: Record<string, { readonly payload: object }> };
}

const document = asyncApiDocument() as Described;
const data = {
  payment_id: 'pay_1',
  merchant_id: 'mer_1',
  status: 'succeeded' as const,
  amount: 1_250,
  amount_captured: 1_250,
  amount_refunded: 0,
  currency: 'EUR',
  reference: null,
  failure: null,
};
const event = messages.paymentEvent({
  id: randomUUID(),
  type: 'payment.succeeded.v1',
  version: 3,
  occurredAt: new Date(),
  traceparent: null,
  data,
});

/** Every constant that names a type; one that is added is found here without being listed. */
function typesOfContracts(): string[] {
  const named = Object.values(messages).filter((value) => typeof value === 'string');
  return [...Object.values(paymentEventTypes), ...Object.values(paymentFactTypes), ...named];
}

describe('the AsyncAPI document', () => {
  it('fits the official schema of AsyncAPI 3', () => {
    // It brings the draft that it is written in. Formats are left to zod.
    const judge = new Ajv({
      strict: false,
      meta: false,
      validateSchema: false,
      validateFormats: false,
    });
    const fits = judge.compile(specification);
    expect(fits(document) ? [] : fits.errors).toEqual([]);
    expect(fits({ ...document, channels: { events: { address: 1 } } })).toBe(false);
  });

  it('has every message type that there is', () => {
    expect(Object.keys(document.components.messages).toSorted()).toEqual(
      typesOfContracts().toSorted(),
    );
    const inChannels = Object.values(document.channels).flatMap((channel) =>
      Object.keys(channel.messages),
    );
    expect(inChannels.toSorted()).toEqual(describedMessages.map(({ type }) => type).toSorted());
  });

  it('refers to nothing that is not there', () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)];
    expect(references.length).toBeGreaterThan(0);
    for (const [, pointer = ''] of references) {
      const found = pointer
        .split('/')
        .reduce<unknown>((part, step) => (part as Record<string, unknown>)?.[step], document);
      expect([pointer, typeof found]).toEqual([pointer, 'object']);
    }
  });

  it('describes an event as the consumers’ schema does', () => {
    const judge = new Ajv2020({ strict: false, validateFormats: false });
    judge.addSchema(document, 'async');
    const type = encodeURIComponent('payment.succeeded.v1');
    const fits = judge.getSchema(`async#/components/messages/${type}/payload`)!;
    expect(fits(event)).toBe(true);
    expect(fits({ ...event, type: 'payment.failed.v1' })).toBe(false);
    expect(fits({ ...event, data: { ...data, amount: 12.5 } })).toBe(false);
  });
});
