/** Shapes of the JSON columns that no other room owns. */

/**
 * What a secret lets its holder do: call the API, use the desk (`session`), become a session once (`sign_in`, `invite`),
 * or only show the second factor (`half`: the password was right, and that is not enough).
 */
export type TokenKind = 'api' | 'session' | 'half' | 'sign_in' | 'invite';

export type ChallengeKind = 'passkey_add' | 'passkey_sign_in' | 'passkey_second' | 'sso_sign_in' | 'sso_link';

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
  /** Hosts besides the page's own that links in updates may lead to. */
  officialHosts?: string[];
}
