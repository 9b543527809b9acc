import t from 'tap';
import { askQuestion } from '../../src/actions/visits/ask-question.ts';
import { DATABASES, openHouse } from '../house.ts';

for (const database of DATABASES)
  t.test(`a question whose first line is cut in the middle of a pair is kept: ${database}`, async (t) => {
    const house = await openHouse({ database, connect: [{ channel: 'email', name: 'Mail' }] });
    t.teardown(() => house.close());
    const first = `${'When does it work again? '.repeat(4).slice(0, 79)}😀 and why?`;
    await askQuestion(house.system, {
      pageId: house.page.id,
      question: `${first}\r\nKim`,
      email: 'kim@customer.example',
    });
    const { read } = house.store;
    const [kept] = await read.sql.select().from(read.t.mentions);
    const subject = String(kept?.post.raw?.['subject']);
    t.ok(subject.isWellFormed(), 'what every mail server takes');
    t.notMatch(subject, /[\r\n]/);
    t.match(kept?.text, first);
  });
