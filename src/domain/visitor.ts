/** The account by which questions on a page are answered: mail reaches whoever asked. Without one none are asked. */
export const answersBy = <C extends { channel: string; enabled: boolean; can: { replies: boolean } }>(
  connections: readonly C[],
): C | undefined => connections.find((c) => c.channel === 'email' && c.enabled && c.can.replies);
