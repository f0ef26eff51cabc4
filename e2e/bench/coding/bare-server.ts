/** Program of a server that answers and does nothing else, at a socket or a port. */
export function bareServer(at: string | number): string {
  return `require('node:http').createServer((q,r)=>r.end('ok')).listen(${JSON.stringify(at)})`;
}
