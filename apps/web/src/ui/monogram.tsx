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
  const sign = icon || (Array.from(name.trim())[0]?.toUpperCase() ?? '·');
  return (
    <span
      aria-hidden="true"
      style={{ width: size, height: size, fontSize: size * (icon ? 0.55 : 0.46) }}
      className="inline-flex flex-none items-center justify-center rounded-lg bg-accent-soft leading-none font-semibold text-accent select-none"
    >
      {sign}
    </span>
  );
}
