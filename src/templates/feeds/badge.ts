import { isEnded } from '../../domain/incident.ts';
import { bold, type Font, regular } from '../card/font.ts';
import { componentTag, pageTag, type StateTag, type Tone } from '../draw/state.ts';
import type { ProgramModel } from './model.ts';
import { teller } from './words.ts';
import { el, xmlDocument } from './xml.ts';

/** A small picture of a state, for other people's pages: a name on our slab, then shape, word and colour. */

/** The light values of tokens.css, which read as well on dark pages: the badge brings its own ground. */
const SLAB = '#151924';
const ON = '#fff';
const TONES: Record<Tone, string> = {
  ok: '#1b7a4c',
  degraded: '#8a5c00',
  partial: '#b04a12',
  major: '#bb1f22',
  maint: '#2a5bb5',
  note: '#4b505d',
};
/** As in icons.hbs, in a space of 16. */
const SHAPES: Record<Tone, string> = {
  ok: 'M8 0a8 8 0 1 1 0 16A8 8 0 0 1 8 0ZM3.6 8.4 7 11.7l5.6-6.3-1.5-1.3L7 8.8 5 6.9Z',
  degraded: 'M8 .6 16 15H0ZM7 5.5v4.8h2V5.5Zm0 5.8v1.9h2v-1.9Z',
  partial: 'm8 0 8 8-8 8-8-8Zm0 3v10l5-5Z',
  major: 'M4.7 0h6.6L16 4.7v6.6L11.3 16H4.7L0 11.3V4.7ZM7 3.5v5.6h2V3.5Zm0 6.9v2.1h2v-2.1Z',
  maint: 'M0 0h16v16H0ZM4.5 4v8h2.4V4Zm4.6 0v8h2.4V4Z',
  note: 'M2 0h12v16H2Zm5 3v2h2V3Zm0 3.5V13h2V6.5Z',
};
/** The strokes of a bell, as in mark.hbs, in a space of 28. */
const MARK = 'M0 17h3.4v7H0zM6.1 9h3.4v15H6.1zM12.3 1h3.4v27h-3.4zM18.5 9h3.4v15h-3.4zM24.6 17H28v7h-3.4z';

const HEIGHT = 24;
const SIZE = 12;
const PAD = 8;
const LONGEST = 40;

/** How the page is: its worst open incident, else the state of its parts. */
export function pageBadge(model: ProgramModel): string {
  return draw(model.page.name, pageState(model), model.page.grave);
}

/** How one component is; undefined when there is no such component. */
export function componentBadge(model: ProgramModel, id: string): string | undefined {
  const component = model.components.find((c) => c.id === id);
  return component && draw(component.name, componentTag(component.status, teller(model).w), model.page.grave);
}

// How bad an impact is, the worst first. Planned work is no trouble.
const WORST = ['critical', 'major', 'minor', 'maintenance', 'none'] as const;

/**
 * The page's state in a word: what the badge, the embedded notice and the picture of the page say. Never better than the
 * page itself, which says how bad its worst open incident is.
 */
export function pageState(model: ProgramModel): StateTag {
  const open = model.incidents.filter((i) => !isEnded(i.status));
  const all = [model.status.indicator, ...open.map((i) => i.impact)];
  return pageTag(WORST.find((impact) => all.includes(impact)) ?? 'none', teller(model).w);
}

function draw(name: string, state: StateTag, grave: boolean): string {
  const left = short(name);
  const right = short(state.word);
  const tone = grave ? 'note' : state.tone;
  const leftText = widthOf(regular, left);
  const rightText = widthOf(bold, right);
  const leftWidth = PAD + 14 + 6 + leftText + PAD;
  const rightWidth = PAD + 12 + 5 + rightText + PAD;
  const width = leftWidth + rightWidth;
  const label = `${name}: ${state.word}`;
  const text = (words: string, x: number, size: number, weight: string) =>
    el(
      'text',
      {
        x: x + size / 2,
        y: 16.2,
        'text-anchor': 'middle',
        textLength: size,
        lengthAdjust: 'spacingAndGlyphs',
        'font-weight': weight,
      },
      words,
    );
  return xmlDocument(
    el(
      'svg',
      {
        xmlns: 'http://www.w3.org/2000/svg',
        width,
        height: HEIGHT,
        viewBox: `0 0 ${width} ${HEIGHT}`,
        role: 'img',
        'aria-label': label,
      },
      el('title', {}, label),
      el('clipPath', { id: 'r' }, el('rect', { width, height: HEIGHT, rx: 4 })),
      el(
        'g',
        { 'clip-path': 'url(#r)' },
        el('rect', { width: leftWidth, height: HEIGHT, fill: SLAB }),
        el('rect', { x: leftWidth, width: rightWidth, height: HEIGHT, fill: TONES[tone] }),
      ),
      el(
        'g',
        {
          fill: ON,
          'font-family': "system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans',sans-serif",
          'font-size': SIZE,
        },
        el('path', { d: MARK, transform: `translate(${PAD} 5) scale(.5)` }),
        text(left, PAD + 20, leftText, '400'),
        el('path', {
          d: SHAPES[grave ? 'note' : state.tone],
          'fill-rule': 'evenodd',
          transform: `translate(${leftWidth + PAD} 6) scale(.75)`,
        }),
        text(right, leftWidth + PAD + 17, rightText, '700'),
      ),
    ),
  );
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

function short(text: string): string {
  const all = Array.from(graphemes.segment(text.replace(/[\s\p{Cc}]+/gu, ' ').trim()), (s) => s.segment);
  return all.length > LONGEST
    ? `${all
        .slice(0, LONGEST - 1)
        .join('')
        .trimEnd()}…`
    : all.join('');
}

/** Letters our font has no width for are reckoned as wide as they commonly are. */
function widthOf(font: Font, text: string): number {
  let sum = 0;
  for (const char of text)
    sum += font.has(char)
      ? font.width(char, SIZE)
      : /\p{M}/u.test(char)
        ? 0
        : /[\u1100-\u{10FFFF}]/u.test(char)
          ? SIZE
          : SIZE * 0.6;
  return Math.ceil(sum);
}
