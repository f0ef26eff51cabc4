/** Hands bytes to the person as a file, as if it had been downloaded. */
export function saveFile({
  name,
  type = 'application/octet-stream',
  content,
}: {
  name: string;
  type?: string;
  content: BlobPart;
}): void {
  const url = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser has to have begun before the address goes.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
