import type { TemplateWords } from './template-words.ts';

/**
 * First words for the hours that come to most houses, in plain English. They say what is known, what is not, what is
 * done and what to do, and leave the cause out. Every house should read, change and clear them in peacetime.
 */
export const LIBRARY: readonly TemplateWords[] = [
  {
    name: 'Outage',
    title: 'Problem with {{what}}',
    status: 'investigating',
    slots: [
      { name: 'what', type: 'component', of: [] },
      { name: 'since', type: 'time' },
    ],
    blocks: {
      care: 'We are sorry: some of you cannot do what you came to do.',
      known: 'There is a problem with {{what}} since {{since}}.',
      unknown: 'We do not yet know why, or how many people it affects. We are finding out.',
      doing: 'Our team is working on it now.',
      action: 'If something does not work, please wait and try again after our next update.',
    },
  },
  {
    name: 'Payment failure',
    title: 'Payments failing: {{what}}',
    status: 'investigating',
    slots: [
      { name: 'what', type: 'component', of: [] },
      { name: 'since', type: 'time' },
    ],
    blocks: {
      care: 'We are sorry: you may not be able to pay right now.',
      known: 'Some payments fail since {{since}}. The problem is with {{what}}.',
      unknown: 'We do not yet know why, or how many payments failed. We are checking.',
      doing: 'Our team is working on it now. We are checking every payment since {{since}}.',
      action: 'Please do not pay a second time. Look at your order first, and wait for our next update.',
    },
  },
  {
    name: 'Data breach',
    title: 'Someone got into one of our systems',
    status: 'investigating',
    class: 'C',
    slots: [
      { name: 'found', type: 'time' },
      { name: 'what', type: 'text', max: 60 },
    ],
    blocks: {
      care: 'We are sorry. You trusted us with your details.',
      known:
        'Someone got into one of our systems. We found this at {{found}} and shut it off. What they may have seen: {{what}}.',
      unknown: 'We do not yet know everyone affected. We are writing to the people we know about.',
      doing: 'We have told the authorities. Experts are looking at what was taken.',
      action:
        'We will never ask for your password by message. Do not follow links in messages about this: come to this page.',
    },
  },
  {
    name: 'Product recall',
    title: 'Recall: {{product}}',
    status: 'identified',
    class: 'C',
    slots: [
      { name: 'product', type: 'text', max: 60 },
      { name: 'danger', type: 'text', max: 70 },
      { name: 'remedy', type: 'choice', of: ['your money back', 'a new one', 'a free repair'] },
    ],
    blocks: {
      care: 'Your safety comes first. We are sorry that we sold you this.',
      known: 'We are calling back {{product}}. The danger: {{danger}}.',
      unknown: 'We are still checking whether other products are affected.',
      doing: 'We have stopped selling it, and we work with the authority.',
      action: 'Stop using it now. Bring it back to any shop of ours: you get {{remedy}}, without a receipt.',
    },
  },
  {
    name: 'Transport delay',
    title: 'Delays: {{where}}',
    status: 'investigating',
    slots: [
      { name: 'where', type: 'place' },
      { name: 'since', type: 'time' },
      { name: 'minutes', type: 'number', min: 1, max: 600 },
    ],
    blocks: {
      care: 'We are sorry that you are waiting.',
      known: 'There are delays of about {{minutes}} minutes at {{where}} since {{since}}.',
      unknown: 'We do not yet know when things will be normal again.',
      doing: 'Our staff are on site and are finding other ways for you.',
      action: 'Keep your ticket: it stays good. Follow our staff, and look here before you set out.',
    },
  },
  {
    name: 'Hoax denial',
    title: 'A false message about us',
    status: 'identified',
    slots: [
      { name: 'claim', type: 'text', max: 70 },
      { name: 'truth', type: 'text', max: 70 },
    ],
    blocks: {
      known: '{{truth}}. A message that says otherwise is going round. It is false, and it is not from us.',
      unknown: 'We do not yet know who sent it.',
      doing: 'We have asked the networks to take it down. The false claim: {{claim}}.',
      action: 'Please do not share it. What we say stands on this page, and you can check it here.',
    },
  },
  {
    name: 'Apology',
    title: 'We are sorry: {{what}}',
    status: 'resolved',
    class: 'C',
    slots: [
      { name: 'what', type: 'text', max: 60 },
      { name: 'from', type: 'time' },
      { name: 'until', type: 'time' },
    ],
    blocks: {
      care: 'We are sorry. You could not rely on us, and that was our fault.',
      known: 'What went wrong: {{what}}. It lasted from {{from}} until {{until}}. It works again now.',
      doing: 'We have fixed what broke, and we will say here what we change so that it does not come back.',
      action: 'If you lost money by this, tell us under your order and we refund it.',
    },
  },
];
