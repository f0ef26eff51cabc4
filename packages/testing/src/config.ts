/** What the environment says about a test run. Read once, when the first test file loads it. */
export const testConfig = Object.freeze({
  /** A suite whose requirements are missing fails instead of being skipped. */
  strict: process.env.WEGENT_TEST_STRICT === '1',
  /** File that gets one JSON line `{suite, reason}` per skipped suite. */
  skipReport: process.env.WEGENT_SKIP_REPORT || undefined,
  /** A Redis to use instead of starting private ones. */
  redisUrl: process.env.WEGENT_TEST_REDIS_URL || undefined,
  /** A MySQL or MariaDB server to use instead of starting private ones. */
  mysqlUrl: process.env.WEGENT_TEST_MYSQL_URL || undefined,
  /** Folder with installed engines, instead of `.cache/engines` of the repository. */
  enginesFolder: process.env.WEGENT_TEST_ENGINES || undefined,
  /** Folders in which programs are looked for. */
  path: process.env.PATH ?? '',
});
