/** Text of others on one line: without line breaks and control sequences. */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}]+/gu, ' ').trim();
}

/** Text of others that keeps its lines and loses its control sequences. */
export function printSafe(text: string): string {
  return text.replaceAll(/[^\P{Cc}\n\t]/gu, '');
}
