import type { FieldView, FrameView, StateView, TimeView } from './desk-views.ts';

/** What the after-action report is given. Plots are numbers in the units of their own drawing. */

export interface ReportView {
  frame: FrameView;
  title: string;
  incidentHref: string;
  /** When it was noticed and when it ended. */
  when: string;
  recordHref: string;
  printHref: string;
  figures: { label: string; value: string; unit: string; note: string }[];
  promisePlot: PromisePlot | null;
  arrivalPlot: ArrivalPlot | null;
  ledger: {
    number: number;
    href: string;
    said: string;
    made: TimeView;
    due: TimeView;
    state: StateView;
    outcome: string;
  }[];
  approvals: { number: number; href: string; asked: string; given: string; took: string }[];
  deliveries: { number: number; href: string; network: string; states: StateView[]; took: string }[];
  log: { when: TimeView; what: string }[];
}

export interface PromisePlot {
  desc: string;
  height: number;
  /** Where the promised time is. */
  due: number;
  ticks: { x: number; text: string }[];
  rows: {
    y: number;
    ty: number;
    label: string;
    x: number;
    late: boolean;
    diamond: string;
    note: string;
    tx: number;
  }[];
  foot: number;
  base: number;
}

export interface ArrivalPlot {
  desc: string;
  height: number;
  ticks: { x: number; text: string }[];
  rows: {
    y: number;
    ty: number;
    label: string;
    to: number;
    dots: { x: number }[];
    note: string;
    tx: number;
  }[];
  foot: number;
  base: number;
}

/** The one question before an update that says nothing has changed. */
export interface NoChangeView {
  frame: FrameView;
  title: string;
  incidentHref: string;
  action: string;
  checked: FieldView;
  /** The public words that still hold; empty when there are none. */
  last: string;
  next: string;
}
