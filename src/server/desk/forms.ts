import type { FastifyRequest } from 'fastify';
import { DomainError, type ErrorCode, invalid, type Wrong } from '../../domain/error.ts';
import type { FieldView } from '../../templates/desk-views.ts';

/** A form as a browser posts it: text only, several values under one name as a list. */
export type Form = Readonly<Record<string, string | readonly string[] | undefined>>;

export const formOf = (request: FastifyRequest): Form => (request.body ?? {}) as Form;

/** One value, with the line ends that we keep. Empty when it was not sent. */
export function text(form: Form, name: string): string {
  const value = form[name];
  const one = typeof value === 'string' ? value : (value?.[0] ?? '');
  return one.replace(/\r\n?/g, '\n');
}

export function texts(form: Form, name: string): string[] {
  const value = form[name];
  return value === undefined ? [] : typeof value === 'string' ? [value] : [...value];
}

/** A value that must be one of a list. Throws `invalid` that names the field. */
export function choice<T extends string>(form: Form, name: string, values: readonly T[]): T {
  const value = text(form, name);
  if ((values as readonly string[]).includes(value)) return value as T;
  throw invalid(name, `Choose one of: ${values.join(', ')}.`);
}

export function choices<T extends string>(form: Form, name: string, values: readonly T[]): T[] {
  return texts(form, name).map((value) => {
    if ((values as readonly string[]).includes(value)) return value as T;
    throw invalid(name, `Choose among: ${values.join(', ')}.`);
  });
}

/** A refusal that a form can show beside its field. */
export interface Refused {
  field: string | undefined;
  message: string;
  status: number;
  /** Other fields that are wrong as well. */
  also?: readonly Wrong[];
}

/** What a refusal says of one field. */
export const wrongWith = (refused: Refused | undefined, name: string): string | null =>
  refused?.field === name ? refused.message : (refused?.also?.find((x) => x.field === name)?.message ?? null);

const SHOWN: Partial<Record<ErrorCode, number>> = {
  invalid: 400,
  conflict: 409,
  gone: 410,
  limited: 429,
  unavailable: 503,
};

/** What a person can mend at the form. Everything else is thrown on, to the error page. */
export function refusedBy(error: unknown): Refused {
  const status = error instanceof DomainError ? SHOWN[error.code] : undefined;
  if (status === undefined) throw error;
  const { field, message, also } = error as DomainError;
  return { field, message, status, ...(also.length === 0 ? {} : { also }) };
}

/** A field as it is drawn again: what was typed, and what is wrong with it. */
export const field = (
  name: string,
  label: string,
  help: string,
  value: string,
  refused?: Refused,
): FieldView => ({
  name,
  label,
  help,
  value,
  error: wrongWith(refused, name),
});

/** What a refusal says that no field of the form can say. */
export const troubleOf = (refused: Refused | undefined, fields: readonly string[]): string | null =>
  refused === undefined || (refused.field !== undefined && fields.includes(refused.field))
    ? null
    : refused.message;
