import type { ProgramModel, ToldIncident } from './model.ts';
import { el, escapeText, xmlDocument } from './xml.ts';

/** oEmbed 1.0: what another site shows where somebody pasted the address of the page or of an incident. */
export interface OEmbed {
  version: '1.0';
  type: 'rich';
  title: string;
  provider_name: string;
  provider_url: string;
  /** Seconds. */
  cache_age: number;
  html: string;
  width: number;
  height: number;
}

const WIDTH = 600;
const HEIGHT = 190;

/** `max` is what the asker has room for, in pixels. */
export function oembed(
  model: ProgramModel,
  incident: ToldIncident | undefined,
  max: { width?: number | undefined; height?: number | undefined },
): OEmbed {
  const { page } = model;
  const width = Math.max(120, Math.min(WIDTH, max.width ?? WIDTH));
  const height = Math.max(60, Math.min(HEIGHT, max.height ?? HEIGHT));
  const title = incident ? `${incident.title} · ${page.name}` : page.name;
  const src = `${page.url}/embed/${incident ? `incidents/${incident.id}` : 'frame'}`;
  return {
    version: '1.0',
    type: 'rich',
    title,
    provider_name: page.name,
    provider_url: page.url,
    cache_age: 60,
    html: `<iframe src="${escapeText(src)}" width="${width}" height="${height}" title="${escapeText(title)}" style="border:0;max-width:100%" sandbox="allow-scripts allow-same-origin allow-popups" loading="lazy"></iframe>`,
    width,
    height,
  };
}

export const oembedXml = (answer: OEmbed): string =>
  xmlDocument(
    el('oembed', {}, ...Object.entries(answer).map(([name, value]) => el(name, {}, String(value)))),
  );
