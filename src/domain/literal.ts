/** A text as the source of a regular expression that matches these characters and no others. */
export const literal = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
