import { z } from 'zod';

export type JsonSchema = Readonly<Record<string, unknown>>;

interface Converted extends JsonSchema {
  readonly $defs?: Readonly<Record<string, JsonSchema>>;
}

/** JSON Schemas made from zod's; those with an id are gathered as components of the document. */
export class Components {
  readonly #schemas = new Map<string, JsonSchema>();

  /** The schema of what callers send. */
  ofInput(schema: z.ZodType): JsonSchema {
    return this.#convert(schema, 'input');
  }

  /** The schema of what is answered. Fields may be added to it, so it closes no object. */
  ofOutput(schema: z.ZodType): JsonSchema {
    return this.#convert(schema, 'output');
  }

  get schemas(): Readonly<Record<string, JsonSchema>> {
    const sorted = [...this.#schemas].toSorted(([one], [other]) => one.localeCompare(other));
    return Object.fromEntries(sorted);
  }

  #convert(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
    const json = z.toJSONSchema(schema, { io, override: ({ jsonSchema }) => ease(jsonSchema, io) });
    // OpenAPI 3.1 has this dialect by itself.
    const text = JSON.stringify({ ...json, $schema: undefined });
    const { $defs = {}, ...root }: Converted = JSON.parse(
      text.replaceAll('"#/$defs/', '"#/components/schemas/'),
    );
    for (const [id, definition] of Object.entries($defs)) this.#add(id, definition);
    return root;
  }

  #add(id: string, definition: JsonSchema): void {
    const known = this.#schemas.get(id);
    if (known !== undefined && JSON.stringify(known) !== JSON.stringify(definition)) {
      throw new Error(`two schemas have the id ${id}`);
    }
    this.#schemas.set(id, definition);
  }
}

function ease(schema: z.core.JSONSchema.BaseSchema, io: 'input' | 'output'): void {
  if (io === 'output' && schema.additionalProperties === false) delete schema.additionalProperties;
  // The pattern of every legal date is half a kilobyte long, and `format` says the same.
  if (schema.format === 'date-time') delete schema.pattern;
  // A number in a query arrives as text, of which zod then describes the text.
  const { sentAs } = schema;
  if (typeof sentAs !== 'object') return;
  for (const name of Object.keys(schema)) Reflect.deleteProperty(schema, name);
  Object.assign(schema, sentAs);
}
