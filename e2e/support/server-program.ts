// A server alone, in a process of its own, for installations with managers elsewhere. It prints one line when it listens.
import path from 'node:path';
import process from 'node:process';
import { createOutbound, readInputForm, testModel } from '@wegent/manager';
import { composeServer, readConfig } from '@wegent/server';
import { pino } from 'pino';
import { e2eConfig } from './config.ts';

const config = readConfig(e2eConfig.environment);
const server = await composeServer({
  config,
  logger: pino({ level: config.logLevel }),
  seedFolder: path.resolve(import.meta.dirname, '../../apps/server/src/seed'),
  fetchFor: createOutbound().fetchFor,
  readInputForm,
  testModel,
});
const { url } = await server.listen();
process.stdout.write(`the server is ready on ${url}\n`);
process.once('SIGTERM', () => {
  void server.close().then(() => process.exit(0));
});
