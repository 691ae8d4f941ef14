import { canonicalForm, formItems, parseForm } from './form-body';

describe('form bodies', () => {
  it('brackets nest, and empty brackets make a list in the order sent', () => {
    const form = parseForm('a=1&m[x]=2&m[y][z]=3&types[]=card&types[]=link');
    expect(form['a']).toBe('1');
    expect(form['m']).toMatchObject({ x: '2', y: { z: '3' } });
    expect(formItems(form['types'])).toEqual(['card', 'link']);
  });

  it('numbered brackets, as the official library sends them, are a list too', () => {
    expect(formItems(parseForm('expand[0]=latest_charge&expand[1]=customer')['expand'])).toEqual([
      'latest_charge',
      'customer',
    ]);
  });

  it('escapes are undone in names and values', () => {
    expect(parseForm('metadata%5Border%20id%5D=a%26b')['metadata']).toMatchObject({
      'order id': 'a&b',
    });
  });

  it('a field called __proto__ reaches no prototype', () => {
    parseForm('__proto__[polluted]=yes&a[__proto__][polluted]=yes');
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });

  it('the same parameters in another order are the same request', () => {
    const one = canonicalForm(parseForm('amount=1&metadata[a]=x&metadata[b]=y'));
    expect(canonicalForm(parseForm('metadata[b]=y&amount=1&metadata[a]=x'))).toBe(one);
    expect(canonicalForm(parseForm('amount=1&metadata[a]=y&metadata[b]=x'))).not.toBe(one);
  });
});
