import { connect } from 'node:net';
import { createProcessFrameReader, encodeProcessFrame } from '@wegent/api';

/**
 * The sandbox's side of `/git-ssh`, as GIT_SSH_COMMAND: `client.ts <socket> <token> … <command>`, where the last
 * argument is what git wants to run on the other side.
 */
const [, , socketPath = '', token = '', ...given] = process.argv;
const [service = ''] = (given.at(-1) ?? '').split(' ');
const protocol = given.includes('SendEnv=GIT_PROTOCOL') ? 'git-protocol: version=2\r\n' : '';
const socket = connect(socketPath);
socket.write(
  `GET /git-ssh?command=${service} HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: git-ssh\r\n${protocol}x-wegent-run: ${token}\r\n\r\n`,
);
let head = Buffer.alloc(0);
let status = 255;
const read = createProcessFrameReader((name, content) => {
  if (name === 'stdout') process.stdout.write(Buffer.from(content));
  if (name === 'stderr') process.stderr.write(Buffer.from(content));
  if (name === 'exit') status = content[0] ?? 255;
});
socket.on('data', function onHead(chunk: Buffer) {
  head = Buffer.concat([head, chunk]);
  const end = head.indexOf('\r\n\r\n');
  if (end < 0) return;
  socket.off('data', onHead);
  if (!head.toString().startsWith('HTTP/1.1 101')) {
    process.stderr.write(head.subarray(end + 4));
    socket.on('data', (more: Buffer) => process.stderr.write(more));
    return;
  }
  read(head.subarray(end + 4));
  socket.on('data', read);
  process.stdin.on('data', (more: Buffer) => {
    for (let at = 0; at < more.length; at += 65_536)
      socket.write(encodeProcessFrame('stdin', more.subarray(at, at + 65_536)));
  });
  process.stdin.on('end', () => socket.write(encodeProcessFrame('stdin', new Uint8Array())));
});
socket.on('error', (error) => process.stderr.write(`${error.message}\n`));
socket.on('close', () => {
  process.stdin.destroy();
  process.exitCode = status;
});
