// Stands for the executor in tests of drivers: takes the token, listens where it is told, and runs commands as an
// agent would. GET /healthz; POST /run with a shell command as body → { code, stdout, stderr }; POST /exhaust uses up
// the memory of the sandbox in this very process; POST /files tells its open files. HANG keeps it from listening, BREAK lets it end at once.
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { env } from 'node:process';

const {
  WEGENT_EXECUTOR_SOCKET: socket,
  WEGENT_EXECUTOR_PORT: port,
  WEGENT_EXECUTOR_HOST: host = '0.0.0.0',
  WEGENT_RUN_DIR: run,
  WEGENT_WORKSPACE: workspace,
  HANG,
  BREAK,
  STUBBORN,
} = env;

if (BREAK) {
  console.error(`broken on purpose: ${BREAK}`);
  process.exit(3);
}
const token = readFileSync(join(run, 'token'), 'utf8');
unlinkSync(join(run, 'token'));
process.on('SIGTERM', () => {
  if (STUBBORN) return;
  writeFileSync(join(workspace, 'asked-to-end'), '');
  process.exit(0);
});

const server = createServer(async (request, response) => {
  if (request.url === '/healthz') return response.end('{}');
  if (request.headers.authorization !== `Bearer ${token}`) return response.writeHead(401).end();
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  if (request.url === '/exhaust') return exhaust();
  if (request.url === '/files') return response.end(JSON.stringify(openFiles()));
  response.end(JSON.stringify(await runCommand(Buffer.concat(chunks).toString())));
});

function runCommand(command) {
  const child = spawn('/bin/sh', ['-c', command], { cwd: workspace, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  return new Promise((resolve) => {
    child.on('error', (error) => resolve({ code: 127, stdout, stderr: String(error) }));
    child.on('close', (code, signal) => resolve({ code: code ?? signal, stdout, stderr }));
  });
}

function openFiles() {
  return readdirSync('/proc/self/fd').flatMap((number) => {
    try {
      return [`${number} ${readlinkSync(`/proc/self/fd/${number}`)}`];
    } catch {
      return [];
    }
  });
}

function exhaust() {
  const held = [];
  setInterval(() => held.push(Buffer.alloc(32 * 1024 ** 2, 1)), 1);
}

writeFileSync(join(workspace, 'started'), '');
if (HANG) setInterval(() => {}, 1000);
else if (socket) server.listen(socket);
else server.listen(Number(port), host);
