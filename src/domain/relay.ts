/** What a relay template may name; each is filled in encoded, so that words can never become another address. */
const SLOTS = ['text', 'link', 'subject'] as const;

/**
 * The address that opens a network's own composer with our words in it, for a person who posts by hand: the template of
 * a `manual` connection, filled. Undefined when the template is empty, is no web address, or names an unknown slot.
 */
export function relayLink(
  template: string,
  draft: { text: string; link?: string; subject?: string },
): string | undefined {
  const typed = template.trim();
  // A slot in the host or before it could be made to lead elsewhere.
  if (!/^https:\/\/[a-z0-9.-]+(:\d+)?(\/|\?|$)/i.test(typed)) return undefined;
  for (const [, name] of typed.matchAll(/\{([^{}]*)\}/g))
    if (!(SLOTS as readonly string[]).includes(name ?? '')) return undefined;
  return typed.replace(/\{(text|link|subject)\}/g, (_, name: (typeof SLOTS)[number]) =>
    encodeURIComponent((draft[name] ?? '').toWellFormed()),
  );
}
