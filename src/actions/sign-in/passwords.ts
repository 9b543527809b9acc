import { hash, verify } from '@node-rs/argon2';
import { DomainError, invalid } from '../../domain/error.ts';

/** OWASP's first choice for Argon2id: 19 MiB, two passes, one lane. About 17 ms here. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;
/** How many are hashed at a time: more would take the memory and the threads that the pages need. */
const AT_ONCE = 4;
/** How many may wait for their turn; a flood is told to come back rather than kept. */
const WAITING = 200;

export const SHORTEST_PASSWORD = 12;
const LONGEST_PASSWORD = 256;

/** Hashes and compares passwords, a few at a time. */
export interface Passwords {
  /** Why it is too easy to guess; undefined when it will do. */
  weakness(password: string, about: readonly string[]): string | undefined;
  /** Throws `invalid` (field `password`) when it is too easy to guess. */
  hash(password: string, about: readonly string[]): Promise<string>;
  /** Takes equally long when there is no hash to compare with. */
  matches(password: string, hash: string | null): Promise<boolean>;
}

export function openPasswords(): Passwords {
  const queue: (() => void)[] = [];
  let running = 0;
  let dummy: Promise<string> | undefined;

  async function inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (running >= AT_ONCE) {
      if (queue.length >= WAITING)
        throw new DomainError(
          'unavailable',
          'Too many people sign in just now. Try again in a few seconds.',
          {
            retryAfterMs: 5_000,
          },
        );
      await new Promise<void>((go) => queue.push(go));
    } else running += 1;
    try {
      return await work();
    } finally {
      const next = queue.shift();
      if (next) next();
      else running -= 1;
    }
  }

  return {
    weakness: weaknessOf,
    async hash(password, about) {
      const weak = weaknessOf(password, about);
      if (weak !== undefined) throw invalid('password', weak);
      return inTurn(() => hash(plain(password), COST));
    },
    async matches(password, known) {
      dummy ??= inTurn(() => hash('nobody has this password', COST));
      const compared = known ?? (await dummy);
      await dummy;
      const equal = await inTurn(() => verify(compared, plain(password.slice(0, LONGEST_PASSWORD))));
      return equal && known !== null;
    },
  };
}

/** The same password typed on another keyboard is the same password. */
const plain = (password: string): string => password.normalize('NFKC');

/** Long beats mixed: no rules on kinds of characters, only against what is tried first. */
function weaknessOf(password: string, about: readonly string[]): string | undefined {
  const said = plain(password);
  const small = said.toLowerCase();
  if ([...said].length < SHORTEST_PASSWORD)
    return `Use at least ${SHORTEST_PASSWORD} characters. Four unrelated words are good.`;
  if (said.length > LONGEST_PASSWORD) return `Use at most ${LONGEST_PASSWORD} characters.`;
  if (new Set(small).size < 5) return 'This repeats the same few characters. Use more different ones.';
  const own = about
    .flatMap((x) => x.toLowerCase().split(/[\s@]+/))
    .find((x) => x.length >= 4 && small.includes(x) && x.length * 2 > small.length);
  if (own !== undefined)
    return 'This is mostly your own name or address. Use words nobody connects with you.';
  if (COMMON.some((x) => small.replace(/[\d\W_]+$/, '') === x || small === x))
    return 'This is one of the first passwords that are tried. Choose another.';
  return undefined;
}

/** Beginnings of the long passwords that lead every list of stolen ones; digits and signs at the end are ignored. */
const COMMON = [
  'password',
  'passwordpassword',
  'passw0rd',
  'qwertyuiop',
  'qwertyuiopas',
  'qwertyuiopasdfghjkl',
  'administrator',
  'welcome',
  'letmein',
  'iloveyou',
  'changeme',
  'correcthorsebatterystaple',
  'correct horse battery staple',
  'tocsin',
  'tocsintocsin',
  '123456789012',
  '1234567890123',
  '012345678901',
  '123123123123',
];
