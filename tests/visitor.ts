import type { App } from '../src/app.ts';

export interface Answered {
  status: number;
  body: string;
  /** Where a redirect leads, else empty. */
  to: string;
  headers: Record<string, unknown>;
  json(): Record<string, unknown>;
}

/** A browser without a browser: keeps its cookies, and sends back the token that the forms carry. */
export interface Visitor {
  cookies: Map<string, string>;
  /** The cookies as a header carries them. */
  readonly cookie: string;
  csrf: string;
  /** Where it comes from, if that matters. */
  address: string | undefined;
  /** The secret of its session, as a thief would have it; empty without one. */
  session(): string;
  get(path: string, headers?: Record<string, string>): Promise<Answered>;
  post(
    path: string,
    fields: Record<string, string | string[]>,
    headers?: Record<string, string>,
  ): Promise<Answered>;
}

/** Somebody new who stands before the service, at this host name and from this address. */
export function openVisitor(app: App, from: { host?: string; address?: string } = {}): Visitor {
  const visitor: Visitor = {
    cookies: new Map(),
    get cookie() {
      return [...visitor.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    },
    csrf: '',
    address: from.address,
    session: () => [...visitor.cookies].find(([name]) => isSession(name))?.[1] ?? '',
    get: (path, headers = {}) => send('GET', path, undefined, headers),
    async post(path, fields, headers = {}) {
      if (visitor.csrf === '' && visitor.session() !== '') await visitor.get('/desk/help');
      const body = new URLSearchParams();
      for (const [name, value] of Object.entries({ csrf: visitor.csrf, ...fields }))
        for (const one of [value].flat()) body.append(name, one);
      return send('POST', path, body.toString(), headers);
    },
  };
  async function send(
    method: 'GET' | 'POST',
    path: string,
    payload: string | undefined,
    headers: Record<string, string>,
  ): Promise<Answered> {
    const answer = await app.server.inject({
      method,
      url: path,
      ...(visitor.address === undefined ? {} : { remoteAddress: visitor.address }),
      headers: {
        accept: 'text/html',
        ...(from.host === undefined ? {} : { host: from.host }),
        ...(visitor.cookies.size === 0 ? {} : { cookie: visitor.cookie }),
        ...(payload === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
        ...headers,
      },
      ...(payload === undefined ? {} : { payload }),
    });
    for (const { name, value } of answer.cookies) {
      if (value === '') visitor.cookies.delete(name);
      else visitor.cookies.set(name, value);
      // A session's forms carry a token of their own.
      if (isSession(name)) visitor.csrf = '';
    }
    const csrf = /name="csrf" value="([^"]+)"/.exec(answer.body)?.[1];
    if (csrf !== undefined) visitor.csrf = csrf;
    return {
      status: answer.statusCode,
      body: answer.body,
      to: String(answer.headers.location ?? ''),
      headers: answer.headers as Record<string, unknown>,
      json: () => answer.json() as Record<string, unknown>,
    };
  }
  return visitor;
}

/** Over https its name has a prefix. */
const isSession = (name: string): boolean => name.endsWith('tocsin');
