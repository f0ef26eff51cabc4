import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';

/** The levels of the architecture: a package may depend on lower levels only. */
const LEVELS: readonly (readonly string[])[] = [
  ['api'],
  ['kube', 'store', 'blob', 'bus', 'queue', 'sandbox', 'engine', 'client', 'simulator', 'testing'],
  ['server', 'manager', 'executor', 'web', 'cli'],
  ['standalone'],
  ['e2e'],
];

const Manifest = z.object({
  name: z.string(),
  dependencies: z.record(z.string(), z.string()).default({}),
});

const root = path.resolve(import.meta.dirname, '..');
const folders = ['packages', 'apps'].flatMap((group) =>
  readdirSync(path.join(root, group)).map((name) => `${group}/${name}`),
);
const manifests = [...folders, 'e2e'].map((folder) =>
  Manifest.parse(JSON.parse(readFileSync(path.join(root, folder, 'package.json'), 'utf8'))),
);

describe('layers', () => {
  test('every package has a level', () => {
    expect(manifests.map((manifest) => shortName(manifest.name)).sort()).toEqual(LEVELS.flat().sort());
  });

  // What only tests need (devDependencies) may lie on the same level: a suite drives the real neighbour.
  test.each(manifests)('$name depends on lower levels only', ({ name, dependencies }) => {
    const own = Object.keys(dependencies).filter((dependency) => dependency.startsWith('@wegent/'));
    for (const dependency of own)
      expect(level(shortName(dependency)), dependency).toBeLessThan(level(shortName(name)));
  });
});

function level(name: string): number {
  return LEVELS.findIndex((names) => names.includes(name));
}

function shortName(name: string): string {
  return name.replace('@wegent/', '');
}
