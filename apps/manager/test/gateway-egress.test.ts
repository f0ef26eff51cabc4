import { once } from 'node:events';
import { connect, createServer as createTcpServer } from 'node:net';
import type { SandboxContext } from '@wegent/api';
import { createOutbound } from '@wegent/engine';
import { waitFor } from '@wegent/testing';
import { describe, expect, test } from 'vitest';
import { callRaw, shellOf, specOf, startGateway, startServer } from './gateway-harness.ts';

/** 127.0.0.2 stands for the public internet, and names are as here. */
const NAMES: Record<string, string[]> = {
  'example.org': ['127.0.0.2'],
  'www.example.org': ['127.0.0.2'],
  'rebinding.example.org': ['127.0.0.2', '127.0.0.1'],
  'inner.example.org': ['10.0.0.7'],
  localhost: ['127.0.0.1'],
};
const outbound = () =>
  createOutbound({
    isPublic: (address) => address === '127.0.0.2',
    lookup: (name, _options, done) => {
      const addresses = NAMES[name];
      if (!addresses) return done(Object.assign(new Error('unknown'), { code: 'ENOTFOUND' }), []);
      done(
        null,
        addresses.map((address) => ({ address, family: 4 })),
      );
    },
  });

function within(network: SandboxContext['shell']['network'], egress: string[] = []) {
  // OUTBOUND_ALLOW is for the platform; here it allows everything, and sandboxes must not profit from it.
  return specOf({ shell: shellOf(network), egress });
}

const refusal = (text: string) => [403, expect.stringContaining(text)];

describe('the egress proxy', () => {
  test('passes HTTP on to hosts of the list, without the headers of the connection, and logs it', async () => {
    const seen: unknown[] = [];
    await using server = await startServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += String(chunk);
      seen.push({ url: request.url, body, headers: request.headers });
      response.writeHead(201, { connection: 'close, x-hop', 'x-hop': '1', 'x-kept': '1' });
      response.end('made');
    }, '127.0.0.2');
    await using host = await startGateway({ outbound: outbound() });
    const { admit } = await host.sandbox('one');
    const pass = admit(within('allowlist', [`example.org:${server.port}`]));
    const answer = await pass.call(`http://example.org:${server.port}/a?b=c`, {
      body: 'content',
      headers: {
        host: 'elsewhere',
        'proxy-authorization': 'Basic x',
        connection: 'x-mine',
        'x-mine': '1',
        authorization: 'Bearer own',
      },
    });
    expect([answer.status, await answer.text(), answer.headers['x-hop'], answer.headers['x-kept']]).toEqual([
      201,
      'made',
      undefined,
      '1',
    ]);
    expect(seen).toEqual([
      {
        url: '/a?b=c',
        body: 'content',
        headers: expect.objectContaining({ host: `example.org:${server.port}`, authorization: 'Bearer own' }),
      },
    ]);
    expect(JSON.stringify(seen)).not.toMatch(/proxy-authorization|x-mine|x-wegent/);
    expect(pass.egress).toEqual([`POST example.org:${server.port} allowed: 201, 4 bytes received`]);
  });

  test('tunnels CONNECT both ways and counts bytes', async () => {
    const server = createTcpServer((socket) => socket.on('data', (chunk) => socket.write(`<${chunk}>`)));
    server.listen(0, '127.0.0.2');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    await using host = await startGateway({ outbound: outbound() });
    const { admit, socketPath } = await host.sandbox('one');
    const pass = admit(within('allowlist', [`*.example.org:${port}`]));
    const socket = connect(socketPath);
    socket.write(
      `CONNECT www.example.org:${port} HTTP/1.1\r\nhost: x\r\nx-wegent-run: ${pass.token}\r\n\r\nearly`,
    );
    let text = '';
    socket.on('data', (chunk) => {
      text += String(chunk);
    });
    await waitFor(() => text.includes('<early>'), { what: 'the early bytes' });
    expect(text).toMatch(/^HTTP\/1\.1 200 /);
    socket.write('more');
    await waitFor(() => text.includes('<more>'), { what: 'more bytes' });
    socket.end();
    await waitFor(() => pass.egress.length === 2, { what: 'the end of the tunnel' });
    expect(pass.egress).toEqual([
      `CONNECT www.example.org:${port} allowed`,
      `CONNECT www.example.org:${port} closed: 9 bytes sent, 13 received`,
    ]);
    const cut = connect(socketPath);
    cut.write(`CONNECT www.example.org:${port} HTTP/1.1\r\nhost: x\r\nx-wegent-run: ${pass.token}\r\n\r\n`);
    await once(cut, 'data');
    pass.revoke();
    await once(cut, 'close');
    server.close();
  });

  test('gateway-only lets nothing through, an allow-list only what is on it, and each says which list', async () => {
    await using server = await startServer((_request, response) => response.end('in'), '127.0.0.2');
    await using host = await startGateway({ outbound: outbound() });
    const { admit } = await host.sandbox('one');
    const ask = async (spec: ReturnType<typeof within>, url: string) => {
      const pass = admit(spec);
      const answer = await pass.call(url);
      const [line = ''] = pass.egress;
      return [answer.status, `${line} ${await answer.text()}`];
    };
    const url = `http://example.org:${server.port}/`;
    const own = `example.org:${server.port}`;
    expect(await ask(within('gateway-only', [own]), url)).toEqual(refusal('gateway-only'));
    expect(await ask(within('allowlist', []), url)).toEqual(refusal(`add ${own}`));
    expect(await ask(within('allowlist', ['example.org']), url)).toEqual(refusal('egress list'));
    expect(await ask(within('allowlist', [`*.example.org:${server.port}`]), url)).toEqual(
      refusal('egress list'),
    );
    expect(await ask(within('allowlist', [own.toUpperCase()]), url)).toEqual([200, expect.any(String)]);
    expect(await ask(within('open'), url)).toEqual([200, expect.any(String)]);
    expect(await ask(within('open'), 'http://unknown.example.org/')).toEqual([
      502,
      expect.stringContaining('its name is not known'),
    ]);
    expect(await ask(within('open'), 'https://example.org/')).toEqual([400, expect.any(String)]);
    expect(await ask(within('open'), 'ftp://example.org/')).toEqual([400, expect.any(String)]);
    expect(await ask(within('open'), `http://a:b@example.org:${server.port}/`)).toEqual([
      400,
      expect.any(String),
    ]);
  });

  test.each([
    'localhost',
    '127.0.0.1',
    '127.1',
    '2130706433',
    '0x7f000001',
    '0177.0.0.1',
    '0.0.0.0',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '169.254.169.254',
    '10.0.0.7',
    'inner.example.org',
    'rebinding.example.org',
    'LOCALHOST',
    'localhost.',
  ])('%s is never reached, whatever the lists say', async (name) => {
    let calls = 0;
    await using server = await startServer((_request, response) => {
      calls++;
      response.end('secret');
    });
    await using host = await startGateway({ outbound: outbound() });
    const { admit, socketPath } = await host.sandbox('one');
    const pass = admit(within('open', [`${name}:${server.port}`, name]));
    const listed = admit(within('allowlist', [`${name}:${server.port}`, 'localhost', '127.0.0.1']));
    for (const { token } of [pass, listed]) {
      const target = `${name}:${server.port}`;
      const tunnel = await callRaw(
        socketPath,
        `CONNECT ${target} HTTP/1.1\r\nhost: x\r\nx-wegent-run: ${token}\r\n\r\nGET / HTTP/1.1\r\n\r\n`,
      );
      expect(tunnel).toMatch(/^HTTP\/1\.1 403 /);
      const plain = await callRaw(
        socketPath,
        `GET http://${target}/ HTTP/1.1\r\nhost: ${target}\r\nconnection: close\r\nx-wegent-run: ${token}\r\n\r\n`,
      );
      expect(plain).toMatch(/^HTTP\/1\.1 403 /);
    }
    expect(calls).toBe(0);
    expect(pass.egress[0]).toContain('private address');
  });

  test('the platform itself is never reached', async () => {
    await using server = await startServer((_request, response) => response.end('secret'), '127.0.0.2');
    await using host = await startGateway({
      outbound: outbound(),
      platformHosts: [`example.org:${server.port}`, 'www.example.org'],
    });
    const { admit } = await host.sandbox('one');
    for (const name of ['example.org', 'www.example.org', 'EXAMPLE.org.']) {
      const answer = await admit(within('open')).call(`http://${name}:${server.port}/`);
      expect([answer.status, await answer.text()]).toEqual(refusal('the platform itself'));
    }
  });

  test.each([
    'example.org',
    'example.org:99999',
    ':443',
    'example.org:443/x',
    'a@example.org:443',
    'exa mple.org:443',
    '%65xample.org:443',
  ])('CONNECT %s is not understood', async (target) => {
    await using host = await startGateway({ outbound: outbound() });
    const { admit, socketPath } = await host.sandbox('one');
    const { token } = admit(within('open'));
    expect(
      await callRaw(socketPath, `CONNECT ${target} HTTP/1.1\r\nhost: x\r\nx-wegent-run: ${token}\r\n\r\n`),
    ).toMatch(/^HTTP\/1\.1 400 /);
  });

  test('a flood of refusals leaves room in the log', async () => {
    await using host = await startGateway({ outbound: outbound() });
    const { admit } = await host.sandbox('one');
    const pass = admit(within('gateway-only'));
    for (let index = 0; index < 150; index++) await pass.call(`http://h${index}.example.org/`);
    expect(pass.egress.length).toBeGreaterThanOrEqual(100);
    expect(pass.egress.length).toBeLessThan(140);
  });
});
