/** Whoever sets up a page most likely wants its times where they are; what they type themselves stays. */
export function proposeZone(): void {
  const field = document.querySelector<HTMLInputElement>('input[data-zone-guess]');
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (field && field.value === field.defaultValue && zone) field.value = zone;
}
