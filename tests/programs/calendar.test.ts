import t from 'tap';
import { calendarLines, HOST } from './feed-reading.ts';
import { openProgramHouse, planWork } from './programs-house.ts';

t.test('planned work is a calendar', async (t) => {
  const house = await openProgramHouse({ page: { name: 'Société; Ünïted, Inc' } });
  const words = `Wir ziehen um; „alles, außer“ Suche.\n${'Räume '.repeat(40)}`;
  const work = await planWork(house, 'New, better; database \\ storage', words);
  await house.live.settled();
  const answer = await house.look('/maintenance.ics');
  t.equal(answer.headers['content-type'], 'text/calendar; charset=utf-8');
  const lines = calendarLines(t, answer.text);
  t.strictSame([lines[0], lines.at(-1)], ['BEGIN:VCALENDAR', 'END:VCALENDAR']);
  const value = (name: string) =>
    lines.filter((l) => l.startsWith(`${name}:`)).map((l) => l.slice(name.length + 1));
  t.strictSame(value('VERSION'), ['2.0']);
  t.equal(value('PRODID').length, 1);
  t.notMatch(answer.text, 'VTIMEZONE');
  t.strictSame(value('UID'), [`${work.id}@${HOST}`]);
  t.strictSame(value('DTSTART'), ['20260302T150000Z']);
  t.strictSame(value('DTEND'), ['20260302T170000Z']);
  t.match(value('DTSTAMP')[0], /^\d{8}T\d{6}Z$/);
  t.strictSame(value('SUMMARY'), ['New\\, better\\; database \\\\ storage']);
  t.ok(
    value('DESCRIPTION')[0]!.startsWith('Wir ziehen um\\; „alles\\, außer“ Suche.\\nRäume Räume'),
    "every character of its own is told from the calendar's",
  );
  t.strictSame(value('STATUS'), ['CONFIRMED']);
  await house.say(work, { status: 'cancelled', body: 'Not this time.' });
  await house.live.settled();
  const after = calendarLines(t, await house.text('/maintenance.ics'));
  t.ok(after.includes('STATUS:CANCELLED'));
  t.ok(after.includes('SEQUENCE:1'), 'so that calendars take the newer one');
  t.ok(after.includes(`UID:${work.id}@${HOST}`));
});
