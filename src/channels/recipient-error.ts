import { ChannelError } from './contract.ts';

/**
 * A refusal that is about the one recipient: there is no such mailbox, number or subscription any more, or its owner
 * said stop. Nothing is wrong with our account or our words, and nothing more should be sent there.
 */
export class RecipientError extends ChannelError {
  constructor(message: string, more: { code?: string | undefined; status?: number | undefined } = {}) {
    super('rejected', message, more);
    this.name = 'RecipientError';
  }
}
