/** Other people's words without our secrets, should they repeat one to us. */
export function hide(words: string, secrets: readonly string[]): string {
  let clean = words;
  for (const secret of secrets) if (secret.length >= 4) clean = clean.replaceAll(secret, '…');
  return clean;
}
