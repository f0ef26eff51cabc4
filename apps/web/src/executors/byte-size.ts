/** “4 GB”, “512 MB”: memory and disks, in powers of 1,024 as limits are given. */
export function byteSize(bytes: number): string {
  const unit = UNITS.findLast(({ size }) => bytes >= size) ?? UNITS[0];
  const value = bytes / unit.size;
  return `${value >= 100 || Number.isInteger(value) ? Math.round(value) : value.toFixed(1)} ${unit.name}`;
}

/** Bytes that a text such as `4Gi` or `512M` stands for; undefined when it is none. */
export function bytesOf(text: string): number | undefined {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)(Ki|Mi|Gi|K|M|G)?$/.exec(text) ?? [];
  const factor = FACTORS[unit];
  return number === undefined || factor === undefined ? undefined : Number(number) * factor;
}

const UNITS = [
  { name: 'B', size: 1 },
  { name: 'KB', size: 1024 },
  { name: 'MB', size: 1024 ** 2 },
  { name: 'GB', size: 1024 ** 3 },
] as const;

const FACTORS: Record<string, number> = {
  '': 1,
  K: 1000,
  M: 1000 ** 2,
  G: 1000 ** 3,
  Ki: 1024,
  Mi: 1024 ** 2,
  Gi: 1024 ** 3,
};
