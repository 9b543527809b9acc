import type { Connection } from '../../../db/queries/connections.ts';
import type { RenditionPart } from '../../../db/shapes.ts';
import type { Preview } from '../../actions/request-approval.ts';
import type { Unit } from '../../domain/channel.ts';
import type { Finding } from '../../domain/lint/lint.ts';
import type { Attached } from '../../domain/media.ts';
import { BLOCKS } from '../../domain/words.ts';
import type { FindingView } from '../../templates/desk-lint-views.ts';
import type { PreviewView, RenditionView } from '../../templates/desk-update-views.ts';
import { linkify } from '../../templates/format.ts';
import type { Ports } from '../ports.ts';
import { pictureView } from './pictures.ts';
import { count } from './words.ts';

/** What a network counts. X weighs characters; people call them that all the same. */
export const unitOf = (unit: Unit): string => (unit === 'weighted' ? 'characters' : UNIT[unit]);

const UNIT: Record<Unit, string> = {
  weighted: 'weighted',
  graphemes: 'characters',
  codepoints: 'characters',
  utf16: 'characters',
  emoji_bytes: 'characters',
  bytes: 'bytes',
  escaped_bytes: 'bytes',
  segments: 'segments',
};
const number = new Intl.NumberFormat('en');

export interface Rendered {
  connection: Pick<Connection, 'id' | 'name' | 'account' | 'channel' | 'role'>;
  parts: readonly RenditionPart[];
  dropped: readonly string[];
  max: number;
  unit: string;
  /** All pictures of the update, shown there or not. */
  pictures: readonly Attached[] | null;
}

/** The exact words for one network, as the desk draws them. */
export function renditionView(x: Rendered, channels: Ports['channels']): RenditionView {
  const { connection } = x;
  const longest = Math.max(0, ...x.parts.map((p) => p.length));
  const share = x.max === 0 ? 0 : Math.min(100, Math.ceil((longest / x.max) * 100));
  const manual = connection.channel === 'manual';
  const unit = UNIT[x.unit as Unit] ?? '';
  const media = x.parts[0]?.media ?? [];
  return {
    id: connection.id,
    network: connection.name,
    account: connection.account,
    initial: [...connection.account.replace(/^@/, '')][0]?.toUpperCase() ?? '',
    square: connection.channel === 'mastodon',
    state: manual
      ? { icon: 'man', tone: 'ink', word: 'By hand' }
      : { icon: 'ok', tone: 'good', word: 'Ready' },
    parts: x.parts.map((p, i) => ({
      text: linkify(p.text).map(({ text, href }) => ({ text, href })),
      subject: p.subject ?? null,
      length: number.format(p.length),
      of: x.parts.length > 1 ? `${i + 1} of ${x.parts.length}` : null,
    })),
    length: `${number.format(longest)} / ${number.format(x.max)} ${unit}`,
    short: `${number.format(longest)} / ${number.format(x.max)}`,
    share,
    near: share >= 80,
    note: costOf(connection.channel, x.parts.length, channels),
    media: media.map(pictureView),
    layout: `of-${Math.min(media.length, 4)}`,
    noPicture: media.length > 0 || (x.pictures ?? []).length === 0 ? null : whyNone(x, channels),
    dropped: x.dropped.length === 0 ? 'Nothing left out' : `Left out: ${x.dropped.join(', ')}`,
  };
}

/** Why a network shows no picture of an update that has some. */
function whyNone({ connection }: Rendered, channels: Ports['channels']): string {
  const kind = channels.kinds().find((k) => k.kind === connection.channel);
  const why =
    kind?.limits.pictures === undefined
      ? (kind?.withoutPictures ?? 'we send it the words, and their link leads to the picture on the page')
      : 'an answer there is a comment, which shows none; the picture is on the page';
  return `No picture on ${connection.name}: ${why}.`;
}

function costOf(channel: string, parts: number, channels: Ports['channels']): string {
  const kind = channels.kinds().find((k) => k.kind === channel);
  const posts = parts > 1 ? `${parts} posts` : '';
  if (kind?.cost === 'per_post') return posts === '' ? 'paid per post' : `${posts}, each paid`;
  if (kind?.cost === 'per_recipient') return 'paid per recipient';
  return posts;
}

/** The field to mend, as an address on the composer. */
export function fixOf(field: string | undefined, connectionId?: string): string {
  if (field === 'override') return `#f-o.${connectionId ?? ''}`;
  if (field === undefined || field === 'blocks') return '#f-known';
  if (field.startsWith('blocks.')) return `#f-${field.slice('blocks.'.length)}`;
  return `#f-${field}`;
}

export const findingView = (f: Finding): FindingView => ({
  level: f.level,
  icon: f.level === 'block' ? 'no' : 'warn',
  word: f.level === 'block' ? 'Block' : 'Warning',
  quote: f.quote,
  message: f.message,
  fix: f.fix,
});

/** Fields that findings are shown under. */
const LINTED = [...BLOCKS, 'body', 'media', 'nextUpdateBy', 'components'] as const;

/** "1 block, 2 warnings". */
const countsOf = (problems: number, warnings: number): string =>
  [problems === 0 ? [] : count(problems, 'block'), warnings === 0 ? [] : count(warnings, 'warning')]
    .flat()
    .join(', ');

export function previewView(preview: Preview, channels: Ports['channels']): PreviewView {
  // Subscribers get our own words around these in each of the page's languages; one stands for all.
  const rendered = preview.rendered.filter((x) => x.rendition.language === x.connection.language);
  const renditions = rendered
    .map(({ connection, rendition }) => ({
      connection,
      view: renditionView({ connection, ...rendition, pictures: preview.update.media }, channels),
    }))
    // The strictest first: what fits there fits everywhere.
    .sort((a, b) => a.connection.limits.max - b.connection.limits.max)
    .map((x) => x.view);
  const says = !preview.blocked.some((b) => b.field === 'blocks');
  const refused = says
    ? preview.refused.map((x) => ({
        network: x.connection.name,
        message: x.message,
        fix: fixOf(x.field, x.connection.id),
      }))
    : [];
  const networks = rendered.length + preview.refused.length;
  const warnings = preview.findings.filter((f) => f.level === 'warn').length;
  const problems = preview.blocked.length + refused.length;
  return {
    some: renditions.length + refused.length > 0,
    renditions,
    refused,
    blocked: preview.blocked.map((b) => ({ ...b, fix: fixOf(b.field) })),
    problems,
    warnings,
    counts: countsOf(problems, warnings),
    lints: LINTED.map((name) => ({
      name,
      findings: preview.findings
        .filter((f) => f.field === name || f.field === `blocks.${name}`)
        .map(findingView),
    })),
    summary: networks === 0 ? 'The status page only' : `The status page and ${count(networks, 'network')}`,
    empty: says
      ? networks === 0
        ? 'No network is chosen or connected: these words go to the status page only.'
        : null
      : 'Write what you know: the exact words for every network appear here.',
  };
}
