import t from 'tap';
import { setUpPage } from '../../src/actions/set-up-page.ts';
import { FORM, JSON_BODY } from './matrix-bodies.ts';
import { app, ask, CLI, principals, routes } from './matrix-people.ts';
import { expected, ruleOf } from './matrix-rules.ts';
import { pathOf } from './matrix-world.ts';
import { RIGHTS } from './rights.ts';

t.test('every route has a rule, and every rule a route', async (t) => {
  t.strictSame(
    routes.filter((route) => ruleOf(route) === undefined),
    [],
    'a new route: decide who may use it, in rights.ts',
  );
  t.strictSame(
    Object.keys(RIGHTS).filter((route) => !routes.includes(route)),
    [],
    'a rule for nothing',
  );
});

/** What routes of the API answered when they did what they were asked: "POST /api/v1/incidents 201". */
const done = new Set<string>();

t.test('no page is set up at an address that leads elsewhere', async (t) => {
  const firsts = routes.map((route) => route.split('/')[1] ?? '').filter((word) => /^[a-z0-9-]+$/.test(word));
  for (const slug of new Set(firsts))
    await t.rejects(
      setUpPage(CLI, { name: 'Elsewhere', url: 'https://status.example', slug }),
      { code: 'invalid', field: 'slug' },
      slug,
    );
});

t.test('the matrix: every route for everybody', async (t) => {
  const wrong: string[] = [];
  let cells = 0;
  for (const route of routes) {
    const [method = '', url = ''] = route.split(' ');
    const rule = ruleOf(route);
    // Streams do not end; who may open them is public anyway.
    if (rule === undefined || url === '/live/events' || url === '/live') continue;
    const unsafe = method !== 'GET' && method !== 'OPTIONS';
    const few = rule === 'public' ? principals.slice(0, 3) : principals;
    for (const who of few) {
      const isApi = url.startsWith('/api/');
      const payload = !unsafe ? {} : isApi ? { json: JSON_BODY[route] } : { form: FORM[route] ?? {} };
      const { statusCode: got } = await ask(method, pathOf(url), who, payload);
      const want = expected(rule, who, unsafe);
      const ok =
        want === 'in'
          ? got !== 401 && got !== 403 && got < 500
          : want === 'not 403'
            ? got !== 403 && got < 500
            : got === want;
      cells += 1;
      if (url.startsWith('/api/v1/') && got < 300 && method !== 'OPTIONS') done.add(`${route} ${got}`);
      if (url === '/desk/sign-out') who.again?.();
      if (!ok) wrong.push(`${route} for ${who.name}: ${got} and not ${want}`);
    }
  }
  t.ok(cells > 1_000, `${cells} cells`);
  t.strictSame(wrong, []);
});

t.test(
  'the API’s document has every route of the API, how it answers and refuses, and nothing else',
  async (t) => {
    const { paths } = (await app.server.inject('/api/v1/openapi.json')).json() as {
      paths: Record<string, Record<string, { summary?: string; responses: Record<string, unknown> }>>;
    };
    const told = Object.entries(paths).flatMap(([path, verbs]) =>
      Object.entries(verbs).map(
        ([verb, about]) => [`${verb.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`, about] as const,
      ),
    );
    const routesOfApi = routes.filter(
      (r) => / \/api\/v1\/(?!openapi)/.test(r) && !/^(?:HEAD|OPTIONS) /.test(r),
    );
    t.strictSame(told.map(([route]) => route).toSorted(), routesOfApi.toSorted());
    for (const [route, { summary, responses }] of told) {
      t.ok(summary, route);
      t.match(responses['4XX'], {
        content: { 'application/json': { schema: { required: ['error', 'message'] } } },
      });
    }
    const answers = told.flatMap(([route, { responses }]) =>
      Object.keys(responses).map((code) => `${route} ${code}`),
    );
    t.ok(done.size > 30, `${done.size} answered`);
    t.strictSame(
      [...done].filter((answer) => !answer.includes('/openapi.json') && !answers.includes(answer)),
      [],
      'each as the document says',
    );
  },
);
