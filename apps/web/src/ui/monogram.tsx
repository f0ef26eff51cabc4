import { canDraw } from './can-draw.ts';

/** The first letter of a name on a quiet tile; stands for people, agents and models without a picture. */
export function Monogram({
  name,
  icon,
  size = 28,
}: {
  name: string;
  icon?: string | undefined;
  size?: number;
}) {
  // Teams may carry an icon's name instead of an emoji; a letter says more than a clipped word.
  const emoji = icon !== undefined && /\p{Extended_Pictographic}/u.test(icon) && canDraw(icon);
  const sign = emoji ? icon : (Array.from(name.trim())[0]?.toUpperCase() ?? '·');
  return (
    <span
      aria-hidden="true"
      style={{ width: size, height: size, fontSize: size * (emoji ? 0.55 : 0.46) }}
      className="inline-flex flex-none items-center justify-center rounded-lg bg-accent-soft leading-none font-semibold text-accent select-none"
    >
      {sign}
    </span>
  );
}
