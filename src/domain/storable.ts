/** The beginning of a text, in whole characters, with an ellipsis where something was left out. */
export const cut = (text: string, most: number): string =>
  text.length > most ? `${text.slice(0, most - 1).replace(/[\ud800-\udbff]$/, '')}…` : text;

/**
 * What others have said, without what no database need hold: PostgreSQL takes no NUL and no half of a pair. One message
 * that cannot be kept would keep out every other of its account, and one answer of a network the record of what it did.
 */
export function storable<T>(value: T): T {
  if (typeof value === 'string') return value.replaceAll('\0', '\ufffd').toWellFormed() as T;
  if (Array.isArray(value)) return value.map(storable) as T;
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, storable(one)])) as T;
  return value;
}
