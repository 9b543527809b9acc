import { failureOfAnswer, itSaid, recordOf, textOf } from './classify.ts';
import { ChannelError, type GuardedResponse } from './contract.ts';

/** Descriptions are all that tells refusals apart: Telegram has no codes besides the status. */
const MEANS: readonly (readonly [RegExp, 'auth' | 'rejected', string, string?])[] = [
  [
    /^Unauthorized|^Not Found$/,
    'auth',
    'bad_token',
    'Ask @BotFather for the token and connect the account again.',
  ],
  [
    /^Forbidden: bot (was kicked|is not a member|was blocked)|administrator rights|not enough rights|CHAT_(WRITE|ADMIN)/,
    'auth',
    'not_admin',
    'Make the bot an administrator who may post messages.',
  ],
  [/message is not modified/, 'rejected', 'not_modified'],
  [/message to delete not found|MESSAGE_ID_INVALID/, 'rejected', 'gone'],
  [
    /message can't be deleted/,
    'rejected',
    'too_old',
    'Bots can delete a message for 48 hours. Delete it in Telegram itself, or edit it.',
  ],
];

/** What a refusal means. */
export function failureOf(answer: GuardedResponse, now: number, safe: boolean): ChannelError {
  const body = recordOf(answer.json);
  const said = textOf(body['description']);
  const { status } = answer;
  const moved = recordOf(body['parameters'])['migrate_to_chat_id'];
  if (typeof moved === 'number')
    return new ChannelError('rejected', `This group has moved to another number on Telegram: ${moved}.`, {
      status,
      code: 'moved',
      cause: { movedTo: String(moved) },
    });
  const means = MEANS.find(([words]) => words.test(said ?? ''));
  if (means === undefined) return failureOfAnswer(answer, { network: 'Telegram', now, safe, said });
  const [, failure, code, advice] = means;
  const sentence = advice === undefined ? '' : ` ${advice}`;
  return new ChannelError(failure, `Telegram refused this (${status}).${itSaid(said)}${sentence}`, {
    status,
    code,
  });
}

/** Where a chat has moved, when that is why Telegram refused. */
export const movedTo = (error: unknown): string | undefined =>
  error instanceof ChannelError && error.code === 'moved'
    ? textOf(recordOf(error.cause)['movedTo'])
    : undefined;
