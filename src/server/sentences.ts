import type { FastifyError } from 'fastify';
import { cut } from '../domain/storable.ts';

type Finding = NonNullable<FastifyError['validation']>[number];

/** The field that a finding is about, as its sender wrote it; empty for the whole body. */
export function fieldOf(f: Finding): string {
  const path = f.instancePath.replace(/^\//, '').replaceAll('/', '.');
  const params = f.params as { missingProperty?: string; additionalProperty?: string };
  const leaf = params.missingProperty ?? params.additionalProperty;
  const field = [path, leaf].filter((x) => x !== undefined && x !== '').join('.');
  // A name that was made up may be as long as the whole body.
  return cut(field.toWellFormed(), LONGEST_FIELD);
}

const LONGEST_FIELD = 121;

const count = (n: number | undefined, one: string, many: string) => `${n} ${n === 1 ? one : many}`;

const KINDS: Record<string, string> = {
  string: 'text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  null: 'null',
};

const TIME = 'a time like 2026-03-01T14:30:00Z';

/** Where one of several forms would do, all of them in one sentence; undefined where there is only one. */
export function waysOf(found: readonly Finding[]): string | undefined {
  const path = found.at(-1)?.keyword === 'anyOf' ? found.at(-1)?.instancePath : undefined;
  const ways = found.flatMap(({ keyword, params, instancePath }) => {
    const { type, format } = params as { type?: string; format?: string };
    if (instancePath !== path) return [];
    if (keyword === 'format' && format === 'date-time') return [TIME];
    return keyword === 'type' && type !== undefined ? [KINDS[type] ?? type] : [];
  });
  return ways.length < 2 || found[0] === undefined
    ? undefined
    : `"${fieldOf(found[0])}" must be ${ways.join(' or ')}.`;
}

/** What is wrong with a field and what would be right. */
export function sentenceOf(f: Finding, field: string): string {
  const params = f.params as {
    allowedValues?: unknown[];
    allowedValue?: unknown;
    limit?: number;
    type?: string | string[];
    format?: string;
  };
  const named = field === '' ? 'The body' : `"${field}"`;
  switch (f.keyword) {
    case 'required':
      return `"${field}" is missing.`;
    case 'additionalProperties':
      return `"${field}" is not a field of this request. Remove it or correct its name.`;
    case 'enum':
      return `${named} must be one of: ${(params.allowedValues ?? []).join(', ')}.`;
    case 'const':
      return `${named} must be ${JSON.stringify(params.allowedValue)}.`;
    case 'type':
      return `${named} must be ${[params.type ?? []]
        .flat()
        .flatMap((type) => type.split(','))
        .map((type) => KINDS[type] ?? type)
        .join(' or ')}.`;
    case 'pattern':
      return `${named} is not written as it must be. Take it as it was given to you.`;
    case 'format':
      return `${named} must be written as ${params.format === 'date-time' ? TIME : `a proper ${params.format}`}.`;
    case 'minItems':
      return `${named} needs at least ${count(params.limit, 'entry', 'entries')}.`;
    case 'maxItems':
      return `${named} has too many entries: at most ${params.limit}.`;
    case 'minimum':
      return `${named} must be ${params.limit} or more.`;
    case 'maximum':
      return `${named} must be ${params.limit} or less.`;
    case 'maxLength':
      return `"${field}" is too long: at most ${count(params.limit, 'character', 'characters')}.`;
    case 'minLength':
      return params.limit === 1
        ? `"${field}" is empty. Fill it in, or leave it out where it may be.`
        : `"${field}" is too short: at least ${params.limit} characters.`;
    default:
      return `${named} ${f.message ?? 'is not valid'}.`;
  }
}
