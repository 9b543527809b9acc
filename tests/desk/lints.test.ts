import t from 'tap';
import { ask, fieldOf, idIn, openHouse, words } from './house.ts';

const house = await openHouse();
t.teardown(() => house.close());
const dana = await house.enter(house.dana);
const marcus = await house.enter(house.marcus);

const under = (body: string, name: string): string =>
  new RegExp(`id="l-${name}">([\\s\\S]*?)</div>\\s*</div>`).exec(body)?.[1] ?? '';

t.test('a finding stands under its block, with its reason and its fix', async (t) => {
  const id = idIn((await dana.post('/desk/declare', { title: 'Cards', kind: 'incident', go: 'write' })).to);
  const open = await dana.get(`/desk/updates/${id}`);
  const next = fieldOf(open.body, 'nextUpdateBy');
  const harsh = words(1, {
    known: 'Some card payments fail since 14:09 UTC. See https://elsewhere.example/x for more.',
    doing: 'Everything will be fixed by 15:00. There is nothing to worry about.',
    nextUpdateBy: next,
  });

  const typed = await dana.post(`/desk/updates/${id}/preview`, harsh);
  const { html } = JSON.parse(typed.body) as { html: Record<string, string> };
  t.match(html['l-known'], /lint block[\s\S]*#i-no[\s\S]*Block\.[\s\S]*elsewhere\.example[\s\S]*official/);
  t.match(
    html['l-doing'],
    /lint warn[\s\S]*#i-warn[\s\S]*Warning\.[\s\S]*certain about a time[\s\S]*We aim to/,
  );
  t.match(html['l-care'], /^<div class="lints" id="l-care"><\/div>/, 'a block without findings has none');
  t.match(html['verdict'], '1 block, 2 warnings', 'and the bar counts them while they are typed');

  await dana.post(`/desk/updates/${id}`, { ...harsh, do: 'save' });
  const saved = (await dana.get(`/desk/updates/${id}`)).body;
  t.match(under(saved, 'known'), 'elsewhere.example', 'the same after saving, without the module');
  t.match(under(saved, 'doing'), 'reassures more than anyone can know');
  t.match(saved, '1 block, 2 warnings');
  const asked = await dana.post(`/desk/updates/${id}`, {
    ...harsh,
    version: fieldOf(saved, 'version'),
    do: 'request',
  });
  t.equal(asked.status, 400, 'a block keeps the words from being sent');
});

t.test('the approver reads the warnings that stand', async (t) => {
  const id = await ask(dana, { doing: 'Everything will be fixed by 15:00.' });
  const seen = (await marcus.get(`/desk/approvals/${id}`)).body;
  t.match(seen, '1 warning');
  t.match(seen, 'If it slips, every network is wrong at once.');
  const clean = await ask(dana, {}, 'Nothing odd');
  t.notMatch((await marcus.get(`/desk/approvals/${clean}`)).body, 'lint warn" role="note"');
});

t.test('in an exercise the composer knows that it is one', async (t) => {
  const drill = await openHouse({ exercise: true });
  t.teardown(() => drill.close());
  const author = await drill.enter(drill.dana);
  const id = idIn((await author.post('/desk/declare', { title: 'Drill', kind: 'incident', go: 'write' })).to);
  const { html } = JSON.parse(
    (await author.post(`/desk/updates/${id}/preview`, words(1, { known: 'This is not a drill.' }))).body,
  ) as { html: Record<string, string> };
  t.match(html['l-known'], 'must never say otherwise');
  for (const path of ['/', '/history', '/subscribe', '/nowhere/at/all']) {
    const { body } = await drill.app.server.inject({ url: path, headers: { accept: 'text/html' } });
    t.match(
      body,
      /<title[^>]*>EXERCISE: [\s\S]*<p class="drill"><b>EXERCISE<\/b>/,
      `and its page that it is: ${path}`,
    );
  }
});
