import type { ChannelTools, GuardedResponse } from './contract.ts';

export interface JsonRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  url: string;
  signal: AbortSignal;
  headers?: Record<string, string>;
  body?: unknown;
  /** A multipart form instead of JSON. */
  form?: { type: string; body: Uint8Array } | undefined;
  /** Changes nothing, so a lost answer is no worry. By default what is asked with GET. */
  safe?: boolean;
}

/** One request with a JSON body, as most networks want it. The same body gives the same bytes. */
export const askJson = (tools: ChannelTools, request: JsonRequest): Promise<GuardedResponse> =>
  tools.fetch(request.url, {
    method: request.method,
    signal: request.signal,
    safe: request.safe ?? request.method === 'GET',
    headers: {
      ...(request.body === undefined ? {} : { 'content-type': 'application/json; charset=utf-8' }),
      ...(request.form === undefined ? {} : { 'content-type': request.form.type }),
      ...request.headers,
    },
    ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
    ...(request.form === undefined ? {} : { body: request.form.body }),
  });

/** An address without the slashes at its end, and with https when no scheme was typed. */
export function rootOf(typed: string | undefined, usual: string): string {
  const root = (typed ?? '').trim().replace(/\/+$/, '');
  if (root === '') return usual;
  return /^https?:\/\//i.test(root) ? root : `https://${root}`;
}

/** Plain http is only ever a stand-in, and a stand-in shows its own posts. */
export const webOf = (root: string, usual: string): string => (root.startsWith('http:') ? root : usual);
