import type { ComponentStatus } from '../../domain/words.ts';
import { en } from '../strings/page/en.ts';
import { styleCss, tokens } from '../styles.ts';
import type { StyleView } from '../views.ts';
import { componentTag, pageTag } from './state.ts';

const STATUSES = Object.keys(en.status) as ComponentStatus[];

/** What the living style page shows besides whole pages: tokens, tags, and the word beside the clock. */
export const styleModel = (view: StyleView, states: readonly { name: string; html: string }[]) => ({
  css: styleCss(view.sheet).text,
  rootClass: [view.theme === 'auto' ? '' : view.theme, view.grave ? 'grave' : ''].filter(Boolean).join(' '),
  tokens: tokens(),
  tags: [
    ...STATUSES.map((status) => ({ ...componentTag(status, en), name: status, bad: false })),
    { ...pageTag('none', en), name: 'all', bad: false },
    { tone: 'note', icon: 'note', word: en.impact.none, name: 'notice', bad: false },
    { tone: 'major', icon: 'off', word: en.cannotPost, name: 'account', bad: true },
  ],
  conns: [
    { kind: 'live', icon: 'on', word: en.live, more: '14:22 UTC' },
    { kind: 'reconnecting', icon: 'ring', word: en.reconnecting, more: '14:22 UTC' },
    { kind: 'copy', icon: 'ring', word: 'Copy from 14:21', more: en.notLive },
  ],
  states,
});
