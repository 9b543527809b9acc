/**
 * Remembers what was made of a value for as long as the value lives: after an event nearly all of a page's past is the
 * same, and need not be formatted again. Only for what depends on nothing but the value and its page's language and zone.
 */
export function remembered<K extends object, Rest extends unknown[], V>(
  make: (of: K, ...rest: Rest) => V,
): (of: K, ...rest: Rest) => V {
  const known = new WeakMap<K, { made: V }>();
  return (of, ...rest) => {
    const found = known.get(of);
    if (found) return found.made;
    const made = make(of, ...rest);
    known.set(of, { made });
    return made;
  };
}
