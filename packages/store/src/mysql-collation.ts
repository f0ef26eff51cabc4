/** Is this answer of `version()` MariaDB's? */
export function isMariaDb(version: string): boolean {
  return version.includes('MariaDB');
}

/**
 * The collation that compares byte by byte and does not ignore trailing spaces, as SQLite does.
 * The two servers have different names for it.
 */
export function binaryCollation(version: string): string {
  return isMariaDb(version) ? 'utf8mb4_nopad_bin' : 'utf8mb4_0900_bin';
}
