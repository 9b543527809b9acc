/**
 * Which answer fits a crisis (SCCT, Coombs): by who caused it, whether it could have been prevented, and whether it
 * happened before. What people should do always comes before what they should think of us.
 */
export interface Situation {
  cause: 'outside' | 'us' | 'unknown';
  preventable: boolean;
  before: boolean;
}
export type Posture = 'inform' | 'diminish' | 'rebuild';

export interface Advice {
  posture: Posture;
  why: string;
  /** What to say, in order. */
  say: readonly string[];
  avoid: readonly string[];
}

const FIRST = ['What people should do now, before anything about us.', 'What is known, and what is not.'];

export function advise(s: Situation): Advice {
  const posture: Posture =
    s.cause === 'us' && s.preventable
      ? 'rebuild'
      : s.cause === 'us'
        ? s.before
          ? 'rebuild'
          : 'diminish'
        : s.cause === 'outside' && s.before && s.preventable
          ? 'diminish'
          : 'inform';
  switch (posture) {
    case 'rebuild':
      return {
        posture,
        why: s.preventable
          ? 'People will hold you responsible: you caused it and could have prevented it.'
          : 'People will hold you responsible: you caused it, and it happened before.',
        say: [
          ...FIRST,
          'That it was your fault, in these words.',
          'What you put right for each person, by when.',
          'What you change so that it does not come back.',
        ],
        avoid: ['Any excuse, any “but”.', 'Denying and apologising in one text.', '“Any inconvenience”.'],
      };
    case 'diminish':
      return {
        posture,
        why:
          s.cause === 'us'
            ? 'You caused it, and nobody meant it: an accident. People hold you responsible a little.'
            : 'Others caused it, but it happened before and could have been prevented: people expect you to be ready.',
        say: [
          ...FIRST,
          'That you are sorry for what it did to people.',
          'How it came about, once it is confirmed.',
          'What you do so that it is less likely.',
        ],
        avoid: ['Blaming a supplier: customers bought from you.', 'Promising that it cannot happen again.'],
      };
    case 'inform':
      return {
        posture,
        why:
          s.cause === 'unknown'
            ? 'Nobody knows the cause yet: inform, care, and leave the cause open.'
            : 'You are a victim too, and people see it so.',
        say: [...FIRST, 'That you care about those who are hurt by it.', 'When you will say more.'],
        avoid: ['Guessing at the cause.', 'An apology for what you did not do: it reads as an admission.'],
      };
  }
}
