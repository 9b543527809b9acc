/** The beginning of every id that is made at this moment, ms: ids sort by when they were made. */
export const idStart = (ms: number): string => Math.max(0, ms).toString(36).padStart(9, '0');
