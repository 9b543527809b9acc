import { type Channel, ChannelError } from './contract.ts';
import { RecipientError } from './recipient-error.ts';

/**
 * Whoever subscribes names the server that is called, so nothing that it answers may stop or slow the others: a refused
 * credential is theirs, and a wait is for them alone.
 */
export const ofOne = (channel: Channel): Channel => ({
  ...channel,
  async publish(draft, key, signal) {
    try {
      return await channel.publish(draft, key, signal);
    } catch (error) {
      if (!(error instanceof ChannelError) || error instanceof RecipientError) throw error;
      const { message, code, status, retryAfterMs } = error;
      if (error.failure === 'auth' || status === 410) throw new RecipientError(message, { code, status });
      if (error.failure === 'limited')
        throw new ChannelError('unsent', message, { code, status, retryAfterMs });
      throw error;
    }
  },
});
