import type { ApprovalPolicy } from './approval.ts';
import type { UpdateClass } from './words.ts';

/** What people are besides their roles: some words need the yes of one of them, whatever the number of others. */

export const OFFICES = ['legal', 'executive', 'expert'] as const;
export type Office = (typeof OFFICES)[number];

/** Classes whose words need the yes of one who holds any of these, unless the page says otherwise. */
export const DEFAULT_OFFICES: Partial<Record<UpdateClass, readonly Office[]>> = {
  C: ['legal', 'executive'],
};
/** Classes whose facts an expert has confirmed, unless the page says otherwise. */
export const DEFAULT_EXPERT_FACTS: readonly UpdateClass[] = ['C'];

/** Of which offices one person must say yes to this class; none where one person may say yes alone. */
export const officesFor = (
  policy: Pick<ApprovalPolicy, 'offices' | 'solo'>,
  of: UpdateClass,
): readonly Office[] => (policy.solo ? [] : ((policy.offices ?? DEFAULT_OFFICES)[of] ?? []));

export const holdsOne = (held: readonly Office[] | null | undefined, wanted: readonly Office[]): boolean =>
  wanted.length === 0 || wanted.some((office) => held?.includes(office));

/** Classes whose facts must have been confirmed by an expert; none where one person may say yes alone. */
export const needsExpert = (policy: Pick<ApprovalPolicy, 'expertFacts' | 'solo'>, of: UpdateClass): boolean =>
  !policy.solo && (policy.expertFacts ?? DEFAULT_EXPERT_FACTS).includes(of);

/** "legal or executive". */
export const officesText = (wanted: readonly Office[]): string => wanted.join(' or ');
