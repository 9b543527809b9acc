import type { DiffView, LintsView } from './desk-lint-views.ts';

/** What the screens of an update are given of its pictures. */

export interface PictureView {
  id: string;
  src: string;
  alt: string;
  width: number;
  height: number;
  /** One as wide as the others would be much too high. */
  tall: boolean;
}

/** The pictures of an update where they are attached and described. */
export interface MediaField {
  items: (PictureView & {
    number: number;
    /** "JPEG, 1280 × 720, 143 KB". */
    facts: string;
    rows: number;
  })[];
  several: boolean;
  mayAdd: boolean;
  mostAlt: number;
  mostBytes: number;
  /** Where a picture is sent to, with everything else that was typed. */
  action: string;
  help: string;
  error: string | null;
  lints: LintsView;
}

/** A picture that is new, is gone, or is described in other words than before. */
export interface MediaChange extends PictureView {
  what: string;
  words: DiffView[];
  gone: boolean;
}
