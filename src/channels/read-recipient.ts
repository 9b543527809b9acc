import { invalid } from '../domain/error.ts';
import { CHANNEL_OF, type SubscriberKind } from '../domain/subscriber.ts';
import { ChannelError, type ChannelTools } from './contract.ts';
import type { buildRule } from './guard-rule.ts';
import { readAddress } from './mail-address.ts';
import { openChannel } from './registry.ts';
import { readPhone } from './sms.ts';
import { readSubscription } from './web-push-message.ts';

/** What somebody typed to be reached at, in the one form that we keep. Throws `invalid` for `address`. */
export function readRecipient(
  kind: SubscriberKind,
  typed: string,
  rule: ReturnType<typeof buildRule>,
  tools: ChannelTools,
): string {
  const bad = (message: string) => invalid('address', message);
  const text = typed.trim();
  if (text === '' || text.length > 4_096) throw bad('Enter an address.');
  switch (kind) {
    case 'email': {
      const address = readAddress(text);
      if (address === undefined) throw bad('Enter one email address, like name@example.com.');
      // Nobody in practice tells two mailboxes apart by capitals; everybody writes theirs in several ways.
      return address.toLowerCase();
    }
    case 'sms': {
      const number = readPhone(text);
      if (number === undefined)
        throw bad('Enter one phone number with + and the country code, like +15551234567.');
      return number;
    }
    case 'web_push': {
      try {
        const { endpoint, keys } = readSubscription(text);
        rule.read(endpoint);
        return JSON.stringify({ endpoint, keys: { p256dh: keys.p256dh, auth: keys.auth } });
      } catch (error) {
        throw bad(error instanceof ChannelError ? error.message : 'This is not a push subscription.');
      }
    }
    case 'webhook':
    case 'slack':
    case 'teams': {
      try {
        const url = rule.read(text);
        const own = rule.trusts(url.protocol, url.hostname, url.port);
        if (kind === 'slack' && !own && !/^hooks\.slack(-gov)?\.com$/.test(url.hostname))
          throw bad('Enter the whole address that Slack shows. It begins with https://hooks.slack.com/.');
        // Opening asks nobody: it looks at the address, its path too.
        if (kind !== 'webhook') openChannel(CHANNEL_OF[kind], { url: url.href }, tools);
        return url.href;
      } catch (error) {
        throw error instanceof ChannelError ? bad(error.message) : error;
      }
    }
  }
}
