/**
 * An object with some of its methods replaced. The others work on the object itself, so that classes with private
 * fields can be altered too.
 *
 * @param replaced the new methods; one that is `undefined` is taken away
 */
export function altered<T extends object>(whole: T, replaced: Partial<T>): T {
  return new Proxy(whole, {
    get: (target, name) => {
      if (Object.hasOwn(replaced, name)) return Reflect.get(replaced, name);
      const member: unknown = Reflect.get(target, name);
      return typeof member === 'function' ? (member.bind(target) as unknown) : member;
    },
    has: (target, name) =>
      Object.hasOwn(replaced, name)
        ? Reflect.get(replaced, name) !== undefined
        : Reflect.has(target, name),
  });
}
