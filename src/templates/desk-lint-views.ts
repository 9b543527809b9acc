/** Something a reader would stumble over, with its way out. */
export interface FindingView {
  level: 'block' | 'warn';
  icon: 'no' | 'warn';
  /** "Block" or "Warning". */
  word: string;
  quote: string;
  message: string;
  fix: string;
}

/** The findings under one field; the fragment is there, empty, when there are none. */
export interface LintsView {
  name: string;
  findings: FindingView[];
}

/** A run of words; neither added nor removed when it was there before and still is. */
export interface DiffView {
  text: string;
  added: boolean;
  removed: boolean;
}
