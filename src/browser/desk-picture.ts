/**
 * Pictures in the composer: what is pasted is put into the field, and what is larger than every network takes is made
 * smaller here, before it is sent. Without this they are chosen by hand, and refused with what to do when too large.
 */

/** Bytes that every network takes (Bluesky's limit), and a side that is sharp on every screen. */
const FITS = 1_000_000;
const SIDE = 2_048;
const TAKEN = ['image/jpeg', 'image/png', 'image/webp', 'image/gif'];

export function watchPictures(): void {
  document.addEventListener('change', (event) => {
    const field = event.target;
    if (field instanceof HTMLInputElement && field.dataset['picture'] !== undefined) void ready(field);
  });
  document.addEventListener('paste', (event) => {
    const field = document.querySelector<HTMLInputElement>('input[data-picture]');
    const file = [...(event.clipboardData?.files ?? [])].find((f) => f.type.startsWith('image/'));
    if (!field || !file) return;
    event.preventDefault();
    put(field, file);
    field.focus();
    void ready(field);
  });
}

function put(field: HTMLInputElement, file: File): void {
  const list = new DataTransfer();
  list.items.add(file);
  field.files = list.files;
}

function say(field: HTMLInputElement, words: string): void {
  const place = field.closest('fieldset')?.querySelector('[data-picture-said]');
  if (place) place.textContent = words;
}

/** Makes what was chosen fit to be sent; what this browser cannot read is left for the server to name. */
async function ready(field: HTMLInputElement): Promise<void> {
  const file = field.files?.[0];
  if (!file) return;
  if (TAKEN.includes(file.type) && file.size <= FITS) {
    say(field, `${size(file.size)}. Press Attach, then say what it shows.`);
    return;
  }
  const smaller = await shrunk(file).catch(() => undefined);
  // Another one may have been chosen meanwhile.
  if (!smaller || field.files?.[0] !== file) return;
  put(field, smaller);
  say(
    field,
    `Made smaller: ${size(file.size)} to ${size(smaller.size)}. Press Attach, then say what it shows.`,
  );
}

async function shrunk(file: File): Promise<File | undefined> {
  const picture = await createImageBitmap(file);
  for (const [side, quality] of [
    [SIDE, 0.86],
    [1_600, 0.8],
    [1_200, 0.72],
  ] as const) {
    const scale = Math.min(1, side / Math.max(picture.width, picture.height));
    const canvas = new OffscreenCanvas(
      Math.max(1, Math.round(picture.width * scale)),
      Math.max(1, Math.round(picture.height * scale)),
    );
    const pen = canvas.getContext('2d');
    if (!pen) return undefined;
    // A JPEG is nowhere transparent.
    pen.fillStyle = '#fff';
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
    const blob = await canvas.convertToBlob({ type: 'image/jpeg', quality });
    if (blob.size <= FITS) return new File([blob], 'picture.jpg', { type: 'image/jpeg' });
  }
  return undefined;
}

const size = (bytes: number): string =>
  bytes < 100_000 ? `${Math.ceil(bytes / 1_000)} KB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
