/** What a sign-in gave, as the secrets that channels renew tokens from. */
export const tokensOf = (granted: {
  accessToken: string;
  refreshToken: string | undefined;
  expiresAt: number | undefined;
}): Record<string, string> => ({
  accessToken: granted.accessToken,
  ...(granted.refreshToken === undefined ? {} : { refreshToken: granted.refreshToken }),
  ...(granted.expiresAt === undefined ? {} : { expiresAt: String(granted.expiresAt) }),
});
