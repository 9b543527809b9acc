// Writes docs/channels.md from what the code knows of each network. `--check [file]` only says whether it is stale.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { activeKinds, listKinds } from '../src/channels/registry.ts';

const FILE = fileURLToPath(new URL('../docs/channels.md', import.meta.url));

const UNITS = {
  weighted: 'weighted characters (a link counts 23, wide ones 2)',
  graphemes: 'characters',
  codepoints: 'code points',
  utf16: 'UTF-16 units',
  emoji_bytes: 'characters (an emoji counts its bytes)',
  bytes: 'bytes',
  escaped_bytes: 'bytes after escaping',
  segments: 'segments',
};
const REPEATS = {
  always: 'recognised for ever',
  receiver: 'dropped by the receiver, by id',
  none: 'not recognised',
};
const COST = { free: 'free', per_post: 'paid per post', per_recipient: 'paid per recipient' };
const EDIT = { in_place: 'yes', new_id: 'yes, as a new post', none: 'no' };
const INBOUND = { poll: 'polled', push: 'pushed', both: 'polled or pushed', none: 'no' };
const ROLE = {
  brand: 'the company',
  status: 'the status account',
  care: 'customer care',
  executive: 'a person',
  oncall: 'our own people',
};

const count = (n) => n.toLocaleString('en');
function span(ms) {
  const [n, unit] =
    ms % 86_400_000 === 0
      ? [ms / 86_400_000, 'day']
      : ms % 3_600_000 === 0
        ? [ms / 3_600_000, 'hour']
        : [ms / 60_000, 'minute'];
  return `${n} ${unit}${n === 1 ? '' : 's'}`;
}
const within = (word, ms) => (ms === undefined ? word : `${word}, within ${span(ms)}`);
const cell = (text) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
const row = (cells) => `| ${cells.map(cell).join(' | ')} |`;

function longest({ unit, max, bytes, subject, subjectLeast, reply }) {
  const more = [
    ...(bytes === undefined ? [] : [`at most ${count(bytes)} bytes`]),
    ...(reply === undefined ? [] : [`an answer ${count(reply)}`]),
    ...(subject === undefined
      ? []
      : [`subject ${subjectLeast === undefined ? '' : `${subjectLeast} to `}${count(subject)}`]),
  ];
  return [`${count(max)} ${UNITS[unit]}`, ...more].join('; ');
}

/** What we do when we cannot know whether a post arrived; the outbox decides by the same abilities. */
function uncertain({ idempotent, find, whenUnverifiable }) {
  if (idempotent === 'always' || idempotent === 'receiver') return 'sent again under the same key';
  if (find) return 'looked up before anything is sent again';
  return whenUnverifiable === 'hold' ? 'held for a person' : 'sent again: a missing alert is worse';
}
const repeats = ({ idempotent, idempotentMs }) =>
  idempotent === 'window' ? `recognised for ${span(idempotentMs)}` : REPEATS[idempotent];

const COLUMNS = [
  'Network',
  'Longest post',
  'Edit',
  'Delete',
  'Answer in a thread',
  'A repeated key is',
  'If it may have arrived',
  'Found again',
  'Read back',
  'Answers can be read',
  'Pictures',
  'Sign in there',
  'Cost',
  'State',
  'Checked on',
];
/** What goes with a post, of pictures that an author attaches. */
const pictures = ({ limits: { pictures: p }, can }) =>
  p === undefined
    ? can.altText
      ? 'the update’s own card, described'
      : 'no'
    : `${p.most}, described; ${p.bytes / 1_000_000} MB each${p.answers ? '' : '; none in an answer'}`;
const capability = (k) => [
  `[${k.name}](#${anchor(k.name)})`,
  longest(k.limits),
  within(EDIT[k.can.edit], k.can.editWindowMs),
  within(k.can.remove ? 'yes' : 'no', k.can.removeWindowMs),
  k.can.replies ? 'yes' : 'no',
  repeats(k.can),
  k.kind === 'manual' ? 'posted by a person' : uncertain(k.can),
  k.can.find ? 'yes' : 'no',
  k.can.read ? 'yes' : 'no',
  INBOUND[k.can.inbound],
  pictures(k),
  k.signIn ? 'yes' : 'no',
  COST[k.cost],
  k.lifecycle,
  k.checkedOn,
];
/** As GitHub makes them of a heading. */
const anchor = (name) =>
  name
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

const field = (f) => [
  `\`${f.name}\``,
  f.label,
  f.secret ? 'sealed' : 'shown',
  f.required ? 'yes' : 'no',
  f.help + (f.placeholder ? ` For example \`${f.placeholder}\`.` : ''),
];

const list = (steps) => steps.map((step, i) => `${i + 1}. ${step}`).join('\n');
const signIn = (
  k,
) => `Signing in from the desk (Networks, Connect, “Sign in on ${k.name}”), with the permissions \`${k.signIn.scopes.join(' ')}\`${
  k.signIn.pkce ? ', PKCE' : ''
}. “The address shown here” is \`BASE_URL/desk/connections/back\`:

${list(k.signIn.steps)}

Or with keys that you copy:

`;
const hook = (k) => `
So that ${k.name} tells us at once (the address is on the connection’s own page, under Networks, Settings):

${list(k.hook.steps)}
`;

const network = (k) => `## ${k.name}

${k.promise}

Role by default: ${ROLE[k.defaultRole]}. On the command line: \`tocsin connect ${k.kind} ${k.fields
  .filter((f) => f.required)
  .map((f) => `${f.name}=…`)
  .join(' ')}\`

${k.signIn ? signIn(k) : ''}${k.steps.map((step, i) => `${i + 1}. ${step}`).join('\n')}

${row(['Field', 'Name', 'Kept', 'Needed', 'Where to find it'])}
| --- | --- | --- | --- | --- |
${k.fields.map((f) => row(field(f))).join('\n')}
${k.hook ? hook(k) : ''}`;

const gone = (k) => `- **${k.name}**, since ${k.retired.since}: ${k.retired.note}`;

const page = `# Networks

<!-- Written by \`npm run docs\` from src/channels. Do not edit: change the network's own file. -->

What each network takes, and what is promised there. Numbers are those of the network's usual servers and accounts; when
an account is connected, and four times a day after that, Tocsin asks the server itself and goes by its answer.

${row(COLUMNS)}
${row(COLUMNS.map(() => '---'))}
${activeKinds()
  .map((k) => row(capability(k)))
  .join('\n')}

"Found again": a post whose fate is unknown can be looked for. "Read back": \`delivered\` means that the network showed us
the post; elsewhere it means that the network took it. A key that a network remembers for a while is sent along and never
relied on ([why](decisions/0003-a-remembered-key-is-not-a-right-to-resend.md)).

${activeKinds().map(network).join('\n')}
## Gone

${listKinds()
  .filter((k) => k.lifecycle === 'retired')
  .map(gone)
  .join('\n')}
`;

const [flag, file = FILE] = process.argv.slice(2);
if (flag !== '--check') writeFileSync(FILE, page);
else if (readFileSync(file, 'utf8') !== page) {
  process.stderr.write(`${file} is not what the code says. Write it anew with "npm run docs".\n`);
  process.exitCode = 1;
}
