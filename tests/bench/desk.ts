import { Agent, request } from 'node:http';
import { fieldOf, idIn, words } from '../desk/house.ts';
import { hear, round, start } from './child.ts';

const INCIDENTS = Number(process.env['BENCH_INCIDENTS'] ?? 10_000);
const LOOKS = 120;
const ACTS = 60;
const WARM = 10;

interface Person {
  cookie: string;
  csrf: string;
}
interface Told {
  desk: string;
  bare: string;
  author: Person;
  approver: Person;
  screens: Record<string, string>;
}
interface Answered {
  ms: number;
  status: number;
  body: string;
  to: string;
}

/**
 * The desk with ten thousand incidents behind it: how long its screens and its verbs take, p95 in ms, against a bare
 * route that sends as many bytes. One request at a time: what one person at a desk feels.
 */
export async function desk(): Promise<Record<string, number>> {
  const server = start('desk-server.ts', [String(INCIDENTS)]);
  // An address may ask 600 times a minute: more than a person does, and less than a bench.
  let agent: Agent | undefined;
  let asked = 0;
  const line = () => {
    if (agent === undefined || asked % 400 === 0) {
      agent?.destroy();
      const localAddress = `127.0.1.${1 + Math.floor(asked / 400)}`;
      agent = new Agent({ keepAlive: true, maxSockets: 1, localAddress });
    }
    asked += 1;
    return agent;
  };
  try {
    const told = await hear<Told>(server);
    const send = (url: string, who?: Person, fields?: Record<string, string>) =>
      call(line(), url, who, fields);
    const times = new Map<string, number[]>();
    const note = (name: string, answer: Answered, status: number): Answered => {
      if (answer.status !== status) throw new Error(`${name} answered ${answer.status}`);
      times.set(name, [...(times.get(name) ?? []), answer.ms]);
      return answer;
    };
    const look = async () => {
      note('bare', await send(told.bare), 200);
      for (const [name, path] of Object.entries(told.screens))
        note(name, await send(told.desk + path, name === 'approve' ? told.approver : told.author), 200);
    };
    const act = async () => {
      const form = { title: 'Transfers hang', kind: 'incident', go: 'write' };
      const declared = note('declare', await send(`${told.desk}/desk/declare`, told.author, form), 303);
      const id = idIn(declared.to);
      const path = `${told.desk}/desk/updates/${id}`;
      const write = async (what: 'save' | 'request') => {
        const { body } = await send(path, told.author);
        const typed = words(fieldOf(body, 'version'), { nextUpdateBy: fieldOf(body, 'nextUpdateBy') });
        return send(path, told.author, { ...typed, do: what });
      };
      note('save', await write('save'), 303);
      note('ask', await write('request'), 303);
      const asked = await send(`${told.desk}/desk/approvals/${id}`, told.approver);
      const yes = { hash: fieldOf(asked.body, 'hash') };
      note('yes', await send(`${told.desk}/desk/approvals/${id}/approve`, told.approver, yes), 303);
    };
    for (let i = 0; i < WARM; i += 1) await look();
    times.clear();
    for (let i = 0; i < LOOKS; i += 1) await look();
    for (let i = 0; i < 3; i += 1) await act();
    for (const name of ['declare', 'save', 'ask', 'yes']) times.delete(name);
    for (let i = 0; i < ACTS; i += 1) await act();
    const results = [...times].map(([name, list]) => [`${name}_p95_ms`, p95(list)] as const);
    return {
      incidents: INCIDENTS,
      ...Object.fromEntries(results),
      worst_p95_ms: Math.max(...results.map(([, ms]) => ms)),
    };
  } finally {
    agent?.destroy();
    server.kill('SIGKILL');
  }
}

const p95 = (list: readonly number[]): number =>
  round(list.toSorted((a, b) => a - b)[Math.floor(list.length * 0.95)] ?? 0, 1);

function call(
  agent: Agent,
  url: string,
  who: Person | undefined,
  fields: Record<string, string> | undefined,
): Promise<Answered> {
  return new Promise((done, fail) => {
    const payload = fields && new URLSearchParams({ csrf: who?.csrf ?? '', ...fields }).toString();
    const asked = performance.now();
    const sent = request(
      url,
      {
        agent,
        method: payload === undefined ? 'GET' : 'POST',
        headers: {
          accept: 'text/html',
          ...(who ? { cookie: who.cookie } : {}),
          ...(payload === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
        },
      },
      (answer) => {
        let body = '';
        answer.setEncoding('utf8');
        answer.on('data', (piece: string) => {
          body += piece;
        });
        answer.on('end', () =>
          done({
            ms: performance.now() - asked,
            status: answer.statusCode ?? 0,
            body,
            to: answer.headers.location ?? '',
          }),
        );
      },
    );
    sent.on('error', fail);
    sent.end(payload);
  });
}
