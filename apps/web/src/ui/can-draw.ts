const known = new Map<string, boolean>();
/** A code point that no font has: it is drawn as the box that stands for what is missing. */
const MISSING = String.fromCodePoint(0x10ffff);

/** Has this machine a picture for an emoji? Without one, a box would be shown. */
export function canDraw(emoji: string): boolean {
  const remembered = known.get(emoji);
  if (remembered !== undefined) return remembered;
  const answer = picture(emoji) !== picture(MISSING);
  known.set(emoji, answer);
  return answer;
}

function picture(text: string): string {
  const canvas = document.createElement('canvas');
  canvas.width = 24;
  canvas.height = 24;
  const context = canvas.getContext('2d');
  if (!context) return text;
  context.font = '16px system-ui, sans-serif';
  context.textBaseline = 'top';
  // A variation selector draws nothing but would be a second box.
  context.fillText(text.replaceAll('\uFE0F', ''), 2, 2);
  return canvas.toDataURL();
}
