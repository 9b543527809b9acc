import webpush from 'web-push';

/** A new pair of keys for web push, and where push services reach whoever runs the page at `url`. */
export function newVapid(url: string): { publicKey: string; privateKey: string; subject: string } {
  const { origin, protocol, hostname } = new URL(url);
  return {
    ...webpush.generateVAPIDKeys(),
    subject: protocol === 'https:' ? origin : `mailto:status@${hostname.replace(/^\[|\]$/g, '')}`,
  };
}
