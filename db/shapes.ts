/** Shapes of the JSON columns that no other room owns. */

/** One post of a rendition, as it will be sent, byte for byte. */
export interface RenditionPart {
  text: string;
  subject?: string;
  html?: string;
  link?: string;
  /** The facts as data, for channels that carry a payload beside the words. */
  payload?: Record<string, unknown>;
  /** In the rendition's unit. */
  length: number;
}

export interface PageSettings {
  /** How visitors may recognise the company: shown in the header and the feeds. */
  tagline?: string;
  logo?: string;
  homepage?: string;
  supportUrl?: string;
  /** Set while a whole page is in mourning: no colour play, no animation. */
  grave?: boolean;
  customCss?: string;
  host?: string;
}
