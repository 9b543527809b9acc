/** Does each of these in turn, whatever becomes of the others; what went wrong first is thrown at the end. */
export async function each<T>(all: Iterable<T>, act: (one: T) => Promise<unknown>): Promise<void> {
  const failed: unknown[] = [];
  for (const one of all)
    try {
      await act(one);
    } catch (error) {
      failed.push(error);
    }
  if (failed.length > 0) throw failed[0];
}
