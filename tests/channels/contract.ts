import type { Test } from 'tap';
import type { Fault } from '../../src/simulator/faults.ts';
import type { Claims, Opening } from './contract-claims.ts';
import { postingContract } from './contract-posting.ts';
import { readingContract } from './contract-reading.ts';
import { troubleContract } from './contract-trouble.ts';
import { connect, never } from './stand-in.ts';

/** Every promise of the contract, held against a network that answers, refuses, breaks and lies as the real one does. */
export function channelContract(t: Test, claims: Claims): void {
  const { spec } = claims;
  const open = (t: Test, options = {}) => connect(t, spec, { rates: 'open', ...options });
  const faulty = async (t: Test, ...faults: Omit<Fault, 'network'>[]) => {
    const stand = await open(t);
    // The first call may have to log in; a fault is about the call that is tested.
    await stand.channel.verify(never);
    stand.sim.world.faults.set(faults.map((fault) => ({ ...fault, network: spec.network })));
    return stand;
  };
  const opening: Opening = { open, faulty };
  postingContract(t, claims, opening);
  troubleContract(t, claims, opening);
  readingContract(t, claims, opening);
}
