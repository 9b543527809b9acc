import type { Heartbeat } from '../src/domain/heartbeat.ts';
import type { Attached } from '../src/domain/media.ts';

/** Shapes of the JSON columns that no other room owns. */

/**
 * What a secret lets its holder do: call the API, use the desk (`session`), become a session once (`sign_in`, `invite`),
 * or only show the second factor (`half`: the password was right, and that is not enough).
 */
export type TokenKind = 'api' | 'session' | 'half' | 'sign_in' | 'invite';

export type ChallengeKind =
  | 'passkey_add'
  | 'passkey_sign_in'
  | 'passkey_second'
  | 'sso_sign_in'
  | 'sso_link'
  | 'visit'
  | 'connect'
  | 'connect_choice';

/** One post of a rendition, as it will be sent, byte for byte. */
export interface RenditionPart {
  text: string;
  subject?: string;
  html?: string;
  link?: string;
  /** Pictures that the post shows. */
  media?: readonly Attached[];
  /** The facts as data, for channels that carry a payload beside the words. */
  payload?: Record<string, unknown>;
  /** In the rendition's unit. */
  length: number;
}

export type PageFileKind = 'logo' | 'favicon';

/** Forms of a correction besides the planned one; see `src/domain/amend.ts`. */
export interface RenditionWays {
  /** An answer to the wrong post, or a post of its own: says what was wrong. */
  say?: RenditionPart[];
  /** The right words alone, where the wrong ones were never seen. */
  plain?: RenditionPart[];
}

export interface PageSettings {
  /** Under the name on the calm page, and what search engines show. */
  description?: string;
  /** Where the name in the head leads besides the page: the company's own site. */
  homepage?: string;
  supportUrl?: string;
  contactUrl?: string;
  /** Who journalists should call: a line of text, links allowed. */
  press?: string;
  /** Phone line for families and friends, shown in grave incidents. */
  family?: { label: string; phone: string; note: string };
  /** Colour of links and of the mark, `#rrggbb`, in the light and the dark theme. */
  accent?: { light: string; dark: string };
  /** Set while a whole page is in mourning: no colour play, no animation. */
  grave?: boolean;
  /** As the sanitiser left it: every selector scoped, nothing loaded from elsewhere. */
  customCss?: string;
  /** Pictures of its own, by kind: hash and type, as in `page_files`. */
  files?: Partial<Record<PageFileKind, { hash: string; type: string }>>;
  /** Hosts besides the page's own that links in updates may lead to. */
  officialHosts?: string[];
  /** What the page says, once, when an update is late: cleared in peacetime. */
  heartbeat?: Heartbeat;
}

/** Who may read a private page: any one of these lets a visitor in. */
export interface PageAccess {
  /** Argon2id hash of the password; null is none. */
  password: string | null;
  /** Addresses, or domains written `@company.example`, that may ask for a link by mail. */
  emails: string[];
  /** Networks that need nothing else, as CIDR. */
  networks: string[];
  /** Counts changes: what was let in under an older one is let out. */
  version: number;
}

/** One request to a program that asked to be told of an update: its body, and the component it is about, or null. */
export interface FanoutCall {
  componentId: string | null;
  body: Record<string, unknown>;
}
