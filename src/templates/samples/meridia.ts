import type { PageView, TimelineEntry } from '../views.ts';
import { account, active, cards, entry, head, language, MINUTE } from './northwind.ts';

/** A page when people may have died: flight MD218 of Meridia Air, all names invented. */

const kl = (clock: string) => Date.parse(`2026-11-24T${clock}:00+08:00`);
const said = (
  id: string,
  clock: string,
  heading: string,
  text: string,
  more: Partial<TimelineEntry> = {},
) => ({
  ...entry(id, '00:00', 'investigating' as const, text, more),
  at: kl(clock),
  heading,
});
export const grave: PageView = {
  ...active,
  page: {
    ...head,
    name: 'Meridia Air',
    url: 'https://meridia.example',
    timeZone: 'Asia/Kuala_Lumpur',
    grave: true,
    languages: [
      language('en', 'English', 0, true),
      language('ms', 'Bahasa Melayu'),
      language('zh', '中文', 8 * MINUTE),
    ],
    links: {
      ...head.links,
      subscribe: null,
      verify: null,
      affected: null,
      ask: null,
      ways: [],
      promises: null,
    },
  },
  renderedAt: kl('11:46'),
  incidents: [
    {
      ...cards,
      safety: true,
      url: 'https://meridia.example/i/1',
      status: 'investigating',
      title: 'Flight MD218',
      headline: 'We have lost contact with flight MD218.',
      lede: 'The flight left Kuala Selat for Nanhai with 214 passengers and 11 crew. Rescue services are searching. Our thoughts are with everyone on board and with their families.',
      startedAt: kl('02:40'),
      updatedAt: kl('11:44'),
      promise: { dueAt: kl('12:30'), state: 'open', kept: 4, made: 4, lastCheckAt: null },
      contact: {
        label: 'Families and friends',
        phone: '+60 3 5550 0218',
        note: 'Day and night, in Malay, Chinese and English. We speak with families before we write here.',
      },
      blocks: {
        action: [
          'If someone close to you is on this flight, please call +60 3 5550 0218.',
          'Please do not share names, pictures or guesses. Families may read them before we can reach them.',
        ],
        known: [
          'Last contact was at 01:30 MYT.',
          '214 passengers and 11 crew were on board.',
          'Ships and aircraft of three countries are searching.',
        ],
        unknown: ['Where the aircraft is.', 'What happened. We will not guess.'],
        doing: [
          'A member of our team is with, or on the way to, each family.',
          'We are giving the search teams all our records.',
        ],
      },
      corrections: [
        {
          id: 'c1',
          at: kl('11:44'),
          wrongAt: kl('07:24'),
          takenBack: false,
          wrong: 'Last contact was at 02:40 MYT.',
          right: 'Last contact was at 01:30 MYT.',
          note: 'Air traffic records now confirm this. The search area has changed as a result. We are sorry for the error.',
        },
      ],
      timeline: [
        said('g4', '11:44', 'Correction', 'Last contact was at 01:30 MYT, not 02:40.'),
        said(
          'g3',
          '10:00',
          'Aisha Rahman, Chief Executive',
          '“I am with the families of MD218. This is the hardest day of our lives at Meridia, and far harder for them. I will tell you what we know, when we know it.”',
        ),
        said('g2', '07:59', 'Update', 'Rescue services are searching. We do not know the cause.'),
        said(
          'g1',
          '07:24',
          'First notice',
          'We have lost contact with flight MD218, Kuala Selat to Nanhai, since 02:40 local time.',
          { wrong: ['02:40'], correctedAt: kl('11:44') },
        ),
      ],
    },
  ],
  maintenance: [],
  groups: [],
  accounts: [
    { ...account('X', '', kl('11:44')) },
    { ...account('Facebook', '', kl('11:44')) },
    { ...account('Weibo', '', 0, 'cannot_post') },
  ],
  press:
    'Please do not call the family line. Press office: +60 3 5550 0240. Next statement in person at 13:00 MYT, Kuala Selat.',
  promises: null,
};
