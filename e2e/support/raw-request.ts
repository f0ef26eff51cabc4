import { request } from 'node:http';

/** Asks a server on this machine with the path as it is: `fetch` would tidy it up first. */
export function rawRequest(port: number, target: string, token: string): Promise<Response> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}` };
    const asked = request({ host: '127.0.0.1', port, path: target, headers, agent: false }, (answer) => {
      const given = new Headers();
      for (const [name, value] of Object.entries(answer.headers)) given.set(name, String(value));
      answer
        .toArray()
        .then((chunks: Buffer[]) =>
          resolve(new Response(Buffer.concat(chunks), { status: answer.statusCode ?? 500, headers: given })),
        )
        .catch(reject);
    });
    asked.once('error', reject);
    asked.end();
  });
}
