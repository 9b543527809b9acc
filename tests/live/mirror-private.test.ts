import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { changePageSettings } from '../../src/actions/page/change-page.ts';
import { setPageAccess } from '../../src/actions/page/page-access.ts';
import { setPageFile } from '../../src/actions/page/page-files.ts';
import { keepPicture } from '../../src/actions/pictures/keep-picture.ts';
import { openPasswords } from '../../src/actions/sign-in/passwords.ts';
import { wordsAt } from '../house.ts';
import { png } from '../pictures.ts';
import { openLiveHouse } from './live-house.ts';

const LOGO = Buffer.from(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><title>Card payments fail</title></svg>',
);
const locks = { passwords: openPasswords() };
const CLOSED = { password: 'four unrelated words here', emails: [], networks: [] };

for (const how of ['at rest', 'while it is being copied', 'under a host name of its own'] as const)
  t.test(`made private ${how}, a page leaves nothing in the mirror, and comes back whole`, async (t) => {
    const mirror = t.testdir();
    const house = await openLiveHouse({ mirror, page: { languages: ['en', 'fr'] } });
    const admin = house.ctx(house.admin);
    const telling = () =>
      readdirSync(mirror, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
        .filter((file) => readFileSync(file, 'utf8').includes('Card payments fail'))
        .map((file) => file.slice(mirror.length));
    const incident = await house.openIncident();
    const { id } = await keepPicture(house.ctx(house.author), incident.id, png());
    const shown = () => existsSync(join(mirror, 'files', `${id}.png`));
    await house.say(incident, {
      ...wordsAt(house.clock.now(), 'Card payments fail.'),
      media: [{ id, alt: 'A map.' }],
    });
    await setPageFile(admin, house.page.id, 'logo', LOGO);
    await house.live.settled();
    t.ok(telling().length > 10);
    t.ok(shown());
    if (how === 'under a host name of its own') {
      await changePageSettings(admin, house.page.id, { domain: 'status.other.example' });
      await house.live.settled();
    }
    if (how === 'while it is being copied')
      await house.say(incident, wordsAt(house.clock.now(), 'Card payments fail again.'));
    await setPageAccess(admin, locks, house.page.id, CLOSED);
    await house.live.settled();
    t.strictSame(telling(), []);
    t.notOk(shown(), 'its pictures are not there either');
    await setPageAccess(admin, locks, house.page.id, null);
    await house.live.settled();
    const back = telling();
    for (const name of ['index.html', 'history/index.html', 'fr/index.html'])
      t.ok(
        back.some((file) => file.endsWith(`/${name}`)),
        name,
      );
    t.ok(back.some((file) => file.startsWith('/files/')));
    t.ok(shown());
    t.strictSame(house.reports, []);
  });
