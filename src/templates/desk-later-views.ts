/** Words of planned work that wait for their time, as several screens show them. */

/** Words that wait for their time. */
export interface PlannedRow {
  what: string;
  /** When they go out by themselves; null when a person says so. */
  when: { iso: string; text: string } | null;
  text: string;
  to: string;
  /** Their names. */
  networks: string;
}

/** What the incident screen of planned work offers besides writing. */
export interface PlannedPane {
  rows: PlannedRow[];
  held: boolean;
  overdue: string | null;
  mayWrite: boolean;
  base: string;
  begin: boolean;
  end: boolean;
  mayHold: boolean;
  open: boolean;
  begun: boolean;
  planHref: string | null;
}
