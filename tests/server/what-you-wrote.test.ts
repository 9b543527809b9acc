import { readdirSync, readFileSync } from 'node:fs';
import t from 'tap';
import { buildVisitor, openHouse } from './house.ts';

/** A session can end while somebody writes: what they wrote is on the page they get, and they come back to where they were. */
const house = await openHouse();

/** Every large field of the desk, by its name; of those that are named by what they are about, one each. */
function fields(): string[] {
  const names = new Set<string>();
  for (const folder of ['desk', 'partials/desk']) {
    const root = new URL(`../../src/templates/${folder}/`, import.meta.url);
    for (const file of readdirSync(root).filter((name) => name.endsWith('.hbs')))
      for (const [, name = ''] of readFileSync(new URL(file, root), 'utf8').matchAll(
        /<textarea (?:[^>]*? )?name="([^"]+)"/g,
      ))
        names.add(name);
  }
  const made: Record<string, string[]> = {
    '{{name}}': ['known', 'care', 'body', 'regret', 'repair', 'o.5', 'planned.start', 'list'],
    'alt.{{id}}': ['alt.0a'],
    's{{n}}': ['s1', 'm1'],
  };
  return [...names].flatMap((name) => made[name] ?? name);
}

t.test('nothing that somebody wrote is lost with their session', async (t) => {
  const all = fields();
  t.ok(all.length > 15, all.join(', '));
  const written = Object.fromEntries(all.map((name) => [name, `Words in the field ${name}.`]));
  const secrets = { password: 'the password itself', code: '123456', 'v.accessToken': 'the-token-itself' };
  const answer = await buildVisitor(house.app).post('/desk/inbox/somebody/answer', {
    ...written,
    ...secrets,
  });
  t.equal(answer.status, 401);
  t.strictSame(
    all.filter((name) => !answer.body.includes(`Words in the field ${name}.`)),
    [],
  );
  for (const secret of Object.values(secrets)) t.notMatch(answer.body, secret);
});

t.test('and whoever signs in again stands where they were', async (t) => {
  const person = await house.add('Ada', ['author']);
  for (const screen of ['/desk/inbox', '/desk/templates', '/desk/maintenance/new', '/desk/updates/x1']) {
    const visitor = buildVisitor(house.app);
    t.equal((await visitor.get(screen)).status, 401, screen);
    t.equal((await visitor.post(await house.link(person), {})).to, `${screen}?said=in`);
  }
  for (const path of ['/desk/sign-in/second', '/desk/live', '/desk/set-up', '/desk//other.example']) {
    const visitor = buildVisitor(house.app);
    await visitor.get(path);
    t.equal((await visitor.post(await house.link(person), {})).to, '/desk?said=in', path);
  }
});
