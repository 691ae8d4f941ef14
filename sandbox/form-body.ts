/** A parsed form: leaves are strings, `a[b]` and `a[]` become nested objects. */
export interface FormObject {
  [name: string]: FormValue;
}
export type FormValue = string | FormObject;

/** Stripe refuses deeper nesting too; without a bound one request could exhaust the stack. */
const MAX_DEPTH = 8;

function newForm(): FormObject {
  // Without a prototype a field called `__proto__` is an ordinary field.
  const form: FormObject = Object.setPrototypeOf({}, null);
  return form;
}

function splitName(name: string): string[] {
  const open = name.indexOf('[');
  if (open <= 0 || !name.endsWith(']')) return [name];
  const inner = name.slice(open + 1, -1).split('][');
  return [name.slice(0, open), ...inner].slice(0, MAX_DEPTH);
}

function place(form: FormObject, path: string[], value: string): void {
  let target = form;
  for (const [depth, raw] of path.entries()) {
    const name = raw === '' ? String(Object.keys(target).length) : raw;
    if (depth === path.length - 1) {
      target[name] = value;
      return;
    }
    const next = target[name];
    const nested = typeof next === 'object' ? next : newForm();
    target[name] = nested;
    target = nested;
  }
}

/** Reads `application/x-www-form-urlencoded` text with Stripe's bracket notation. */
export function parseForm(text: string): FormObject {
  const form = newForm();
  if (text === '') return form;
  for (const [name, value] of new URLSearchParams(text)) place(form, splitName(name), value);
  return form;
}

/** The items of `name[]=a&name[]=b` or `name[0]=a&name[1]=b`, in order. */
export function formItems(value: FormValue | undefined): string[] {
  if (value === undefined) return [];
  if (typeof value === 'string') return value === '' ? [] : [value];
  return Object.values(value).filter((item) => typeof item === 'string');
}

/** One spelling for equal parameters, whatever order they were sent in. */
export function canonicalForm(form: FormObject): string {
  const lines: string[] = [];
  const walk = (value: FormValue, path: string): void => {
    if (typeof value === 'string') lines.push(`${path}=${value}`);
    else for (const [name, inner] of Object.entries(value)) walk(inner, `${path}\u0000${name}`);
  };
  walk(form, '');
  return lines.toSorted().join('\u0001');
}
