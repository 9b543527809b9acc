import { compileTemplate } from './compile.ts';
import { pageWords } from './strings/page/words.ts';
import { plainCss } from './styles.ts';

/** The door of a private page. It knows nothing of the page but where the form goes. */
export interface PrivateView {
  language: string;
  dir: 'ltr' | 'rtl';
  /** Path that the forms post below. */
  action: string;
  /** Where the visitor wanted to go. */
  next: string;
  sent: boolean;
  /** What went wrong, in words. */
  wrong: string | null;
  /** Only for the visitor that comes by a link: where its button posts to. */
  openAction: string | null;
}

const model = (view: PrivateView) => ({ ...view, css: plainCss().text, w: pageWords(view.language) });
const page = compileTemplate<ReturnType<typeof model>>('pages/private.hbs');

export const renderPrivate = (view: PrivateView): string => page(model(view));
