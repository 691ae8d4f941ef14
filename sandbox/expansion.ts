import { invalidRequest } from './api-failure';
import type { World } from './world';

function lookUp(world: World, id: string): object | undefined {
  return (
    world.charges.get(id) ??
    world.intents.get(id) ??
    world.refunds.get(id) ??
    world.customers.get(id) ??
    world.disputes.get(id) ??
    world.balance.get(id) ??
    world.cards.get(id)?.object
  );
}

function expandPath(world: World, target: object, path: string[]): object {
  const [name, ...rest] = path;
  if (name === undefined) return target;
  if (Array.isArray(target)) return target.map((item: object) => expandPath(world, item, path));
  const value: unknown = Reflect.get(target, name);
  if (value === undefined) {
    throw invalidRequest({
      message: `This property cannot be expanded (${path.join('.')}).`,
      param: 'expand',
    });
  }
  if (value === null) return target;
  const found = typeof value === 'string' ? lookUp(world, value) : value;
  if (typeof found !== 'object' || found === null) return target;
  return { ...target, [name]: expandPath(world, found, rest) };
}

/** Replaces ids by their objects along Stripe's `expand[]` paths; the state is not touched. */
export function expand(world: World, answer: object, paths: string[]): object {
  return paths.reduce((target, path) => {
    const names = path.split('.');
    if (names.length <= 4) return expandPath(world, target, names);
    throw invalidRequest({ message: 'You can expand up to 4 levels.', param: 'expand' });
  }, answer);
}
