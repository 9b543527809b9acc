import type { Proof } from '../../src/actions/sign-in/prove.ts';

/** A passkey that was just shown. */
export const SHOWN: Proof = { assurance: 'passkey', spend: async () => undefined };
