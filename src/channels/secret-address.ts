import { ChannelError } from './contract.ts';

/**
 * An address that is itself the credential: whoever knows it may post. So it is never repeated, not even when it is
 * wrong. Throws `auth` for what does not look like one.
 */
export function readSecretAddress(typed: string | undefined, looks: RegExp, help: string): URL {
  const address = (typed ?? '').trim();
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || !looks.test(`${url.pathname}${url.search}`))
    throw new ChannelError('auth', `This is not the whole address. ${help}`, { code: 'bad_address' });
  return url;
}
