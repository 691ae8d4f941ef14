import { invalidRequest } from './api-failure';
import { formItems, type FormObject } from './form-body';

/** Every endpoint takes `expand`; lists take these as well. */
const COMMON = ['expand'];
export const LIST_PARAMS = ['limit', 'starting_after', 'ending_before', 'created'];

/** Typed reading of one request's parameters; each method throws Stripe's own 400. */
export class Params {
  readonly #form: FormObject;

  constructor(form: FormObject, known: readonly string[]) {
    this.#form = form;
    for (const name of Object.keys(form)) {
      if (!known.includes(name) && !COMMON.includes(name)) {
        throw invalidRequest({
          code: 'parameter_unknown',
          message: `Received unknown parameter: ${name}`,
          param: name,
        });
      }
    }
  }

  has(name: string): boolean {
    return this.#form[name] !== undefined;
  }

  text(name: string): string | null {
    const value = this.#form[name];
    if (value === undefined || value === '') return null;
    if (typeof value === 'string') return value;
    throw invalidRequest({ message: 'Invalid string', param: name });
  }

  requiredText(name: string): string {
    const value = this.text(name);
    if (value !== null) return value;
    if (this.has(name)) {
      throw invalidRequest({
        code: 'parameter_invalid_empty',
        message: `You passed an empty string for '${name}', which cannot be unset.`,
        param: name,
      });
    }
    throw invalidRequest({
      code: 'parameter_missing',
      message: `Missing required param: ${name}.`,
      param: name,
    });
  }

  integer(name: string): number | null {
    const value = this.text(name);
    if (value === null) return null;
    if (/^-?\d{1,15}$/.test(value)) return Number(value);
    throw invalidRequest({
      code: 'parameter_invalid_integer',
      message: `Invalid integer: ${value}`,
      param: name,
    });
  }

  requiredInteger(name: string): number {
    this.requiredText(name);
    return this.integer(name) ?? 0;
  }

  boolean(name: string): boolean | null {
    const value = this.text(name);
    if (value === null) return null;
    if (value === 'true' || value === 'false') return value === 'true';
    throw invalidRequest({ message: `Invalid boolean: ${value}`, param: name });
  }

  oneOf<T extends string>(name: string, options: readonly T[]): T | null {
    const value = this.text(name);
    if (value === null) return null;
    const found = options.find((option) => option === value);
    if (found !== undefined) return found;
    throw invalidRequest({
      message: `Invalid ${name}: must be one of ${options.join(', ')}`,
      param: name,
    });
  }

  /** A number or `{gt, gte, lt, lte}`, in Unix seconds, as the test that an object must pass. */
  range(name: string): (value: number) => boolean {
    const bounds = this.object(name);
    if (bounds === null) {
      const exact = this.integer(name);
      return (value) => exact === null || value === exact;
    }
    const read = new Params(bounds, ['gt', 'gte', 'lt', 'lte']);
    const [gt, gte] = [read.integer('gt'), read.integer('gte')];
    const [lt, lte] = [read.integer('lt'), read.integer('lte')];
    return (value) =>
      (gt === null || value > gt) &&
      (gte === null || value >= gte) &&
      (lt === null || value < lt) &&
      (lte === null || value <= lte);
  }

  list(name: string): string[] {
    return formItems(this.#form[name]);
  }

  object(name: string): FormObject | null {
    const value = this.#form[name];
    return typeof value === 'object' ? value : null;
  }

  /** Merges into `existing` as Stripe does: an empty value removes its key. */
  metadata(existing: Record<string, string> = {}): Record<string, string> {
    const given = this.object('metadata');
    if (given === null) return this.#form['metadata'] === '' ? {} : existing;
    const merged = { ...existing };
    for (const [key, value] of Object.entries(given)) {
      if (typeof value !== 'string' || key.length > 40 || value.length > 500) {
        throw invalidRequest({ message: 'Metadata is not valid.', param: `metadata[${key}]` });
      }
      if (value === '') delete merged[key];
      else merged[key] = value;
    }
    if (Object.keys(merged).length <= 50) return merged;
    throw invalidRequest({ message: 'Metadata can have up to 50 keys.', param: 'metadata' });
  }
}
