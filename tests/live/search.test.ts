import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import t, { type Test } from 'tap';
import { openStore } from '../../db/open.ts';
import { searchPublished } from '../../db/queries/search.ts';
import { bootName } from '../../db/store.ts';
import { foldWords } from '../../src/actions/page/fold-words.ts';
import { asIndexed, wordsAsked } from '../../src/domain/search.ts';
import { correct, retract } from '../amend.ts';
import { DATABASES, type DatabaseKind, freshPlace, type House, MINUTE, openHouse } from '../house.ts';

const FOLDER = new URL('../../db/migrations/sqlite', import.meta.url).pathname;

const find = async (house: Pick<House, 'store' | 'page'>, question: string): Promise<string[]> => {
  const words = wordsAsked(question).map(asIndexed);
  return (await searchPublished(house.store.read, house.page.id, words, 50)).map((i) => i.title);
};

const SAID: [title: string, known: string][] = [
  ['支付失败', '部分银行卡支付目前失败，退款正常。'],
  ['決済エラー', '一部のカード決済が失敗しています。サーバーを確認中です。'],
  ['결제 오류', '일부 카드 결제가 실패합니다.'],
  ['ชำระเงินไม่ได้', 'การชำระเงินด้วยบัตรบางส่วนล้มเหลว'],
  ['المدفوعات متوقفة', 'تفشل بعض مدفوعات البطاقات.'],
  ['भुगतान विफल', 'कुछ कार्ड भुगतान विफल हो रहे हैं।'],
  ['Störung im EU-Netz', 'Kartenzahlungen in der EU schlagen fehl; Q4 ist betroffen.'],
  ['Le paiement échoue', 'Le débit de l’API “v2” est à 50 %_brut.'],
];

for (const database of DATABASES) t.test(database, (t) => searches(t, database));

async function searches(t: Test, database: DatabaseKind) {
  const house = await openHouse({ database });
  const say = async (title: string, known: string) => {
    const incident = await house.openIncident(title);
    return house.say(incident, { status: 'resolved', blocks: { known } });
  };
  for (const [title, known] of SAID) await say(title, known);

  await t.test('in every language, with and without spaces', async (t) => {
    for (const [question, titles] of [
      ['支付', ['支付失败']],
      ['退款', ['支付失败']],
      ['银行卡支付目前', ['支付失败']],
      ['卡', ['支付失败']],
      ['付银', []],
      ['決済', ['決済エラー']],
      ['カード', ['決済エラー']],
      ['ｶｰﾄﾞ', ['決済エラー']],
      ['サーバ', ['決済エラー']],
      ['결제', ['결제 오류']],
      ['บัตร', ['ชำระเงินไม่ได้']],
      ['مدفوعات', ['المدفوعات متوقفة']],
      ['कार्ड', ['भुगतान विफल']],
      ['zahlung', ['Störung im EU-Netz']],
      ['stoerung', []],
      ['storung', ['Störung im EU-Netz']],
      ['eu', ['Störung im EU-Netz']],
      ['q4', ['Störung im EU-Netz']],
      ['eu zahlung', ['Störung im EU-Netz']],
      ['ap', ['Le paiement échoue']],
      ['v2', ['Le paiement échoue']],
      ['50 %_brut', ['Le paiement échoue']],
      ['echoue', ['Le paiement échoue']],
      ['%', []],
      ['50%', []],
      ['"', []],
      ['paiement" OR "eu', []],
      ['NEAR(paiement eu)', []],
      ['update_search:paiement', []],
      ['paiement*', []],
      ['\u0001\u0001', []],
    ] as [string, string[]][])
      t.strictSame(wordsAsked(question).length === 0 ? [] : await find(house, question), titles, question);
  });

  await t.test(
    'corrected words are found by what they are now, and taken back ones not at all',
    async (t) => {
      const incident = await house.openIncident('Search is slow');
      const wrong = await house.say(incident, {
        blocks: { known: 'Every zebra waits.' },
        nextUpdateBy: house.clock.now() + 20 * MINUTE,
      });
      t.strictSame(await find(house, 'zebra'), ['Search is slow']);
      await correct(house, wrong, 'Some giraffes wait.');
      t.strictSame(await find(house, 'giraffes'), ['Search is slow']);
      const other = await say('Told in error', 'The okapi is ill.');
      t.strictSame(await find(house, 'okapi'), ['Told in error']);
      await retract(house, other);
      t.strictSame(await find(house, 'okapi'), []);
      const draft = await house.openIncident('Unsaid');
      await house.ask(draft, {
        blocks: { known: 'Nobody knows of the quagga.' },
        nextUpdateBy: house.clock.now() + MINUTE,
      });
      t.strictSame(await find(house, 'quagga'), []);
    },
  );

  await t.test('another page’s words are its own', async (t) => {
    const other = await openHouse({ database, at: house.place, clock: house.clock });
    t.strictSame(await find({ store: house.store, page: other.page }, 'paiement'), []);
  });

  await t.test(
    'a word that is everywhere is as quick as one that is rare: the index stops early',
    async (t) => {
      const { store } = house;
      const [model] = await store.read.sql.select().from(store.read.t.updates).limit(1);
      const [incident] = await store.read.sql.select().from(store.read.t.incidents).limit(1);
      for (let from = 0; from < 3_000; from += 500)
        await store.transact(async (w) => {
          const ids = Array.from({ length: 500 }, (_, i) => `0000${String(from + i).padStart(14, '0')}`);
          await w.sql
            .insert(w.t.incidents)
            .values(ids.map((id) => ({ ...incident!, id, title: `Old ${id}` })));
          await w.sql.insert(w.t.updates).values(
            ids.map((id, i) => ({
              ...model!,
              id: `${id}u`,
              incidentId: id,
              publishedSeq: from + i - 10_000,
              searchText: `everywhere number ${from + i} of many\n`,
            })),
          );
        });
      t.equal((await find(house, 'everywhere')).length, 50);
      t.strictSame(await find(house, '2718 many'), ['Old 000000000000002718']);
      t.equal((await find(house, 'giraffes')).length, 1, 'what is newer is found first');
    },
  );
}

/** Makes a database as the version before a migration had it, with what another one has in the same tables and columns. */
function copyInto(file: string, from: string, before: string): void {
  const old = new Database(file);
  old.pragma('foreign_keys = OFF');
  const journal = JSON.parse(readFileSync(join(FOLDER, 'meta/_journal.json'), 'utf8')) as {
    entries: { tag: string; when: number }[];
  };
  const known = journal.entries.slice(
    0,
    journal.entries.findIndex((e) => e.tag.endsWith(before)),
  );
  old.exec(
    'create table __drizzle_migrations (id integer primary key, hash text not null, created_at numeric)',
  );
  for (const { tag, when } of known) {
    for (const step of readFileSync(join(FOLDER, `${tag}.sql`), 'utf8').split('--> statement-breakpoint'))
      old.exec(step);
    old.prepare('insert into __drizzle_migrations (hash, created_at) values (?, ?)').run(tag, when);
  }
  old.prepare('attach ? as fresh').run(from);
  for (const table of ['pages', 'incidents', 'updates', 'events']) {
    const columns = old.pragma(`table_info(${table})`) as { name: string }[];
    const list = columns.map((c) => `"${c.name}"`).join();
    old.exec(`insert into ${table} (${list}) select ${list} from fresh.${table}`);
  }
  // As that version folded them, and noted that it had.
  old.exec(`
    update updates set search_text = substr(search_text, 1, instr(search_text, char(10)) - 1);
    insert into installation (key, value, updated_at) values ('search_folded', '1', 0);
  `);
  old.close();
}

t.test('a database of the version before search had an index is searched as a new one', async (t) => {
  const house = await openHouse({ database: 'sqlite' });
  for (const [title, known] of SAID.slice(0, 3)) {
    const incident = await house.openIncident(title);
    await house.say(incident, { status: 'resolved', blocks: { known } });
  }
  await house.close();
  const { file } = await freshPlace('sqlite');
  copyInto(file, house.place.file, '_wire_and_search');
  const store = await openStore({ file }, bootName(process.pid, 'new'));
  t.teardown(() => store.close());
  const opened = { store, page: house.page };
  t.strictSame(await find(opened, '银行卡支付'), ['支付失败'], 'at once, by three characters and more');
  await foldWords({ ...house.system, store });
  t.strictSame(await find(opened, '支付'), ['支付失败'], 'and by fewer, once the words were read anew');
  t.strictSame(await find(opened, '決済'), ['決済エラー']);
});
