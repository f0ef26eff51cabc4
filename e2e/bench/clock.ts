/** Milliseconds of a clock that all processes of this machine share and nobody sets back. */
export function clock(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1e3 + nanoseconds / 1e6;
}
