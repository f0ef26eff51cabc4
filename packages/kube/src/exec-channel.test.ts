import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseExecProtocol, decodeExecFrame, encodeExecFrame, encodeExit } from './exec-channel.ts';

const bytes = (...values: number[]) => Uint8Array.from(values);
const text = (value: string) => new TextEncoder().encode(value);
const resize = (value: string) => decodeExecFrame(bytes(4, ...text(value)));

describe('frames of shells', () => {
  it('are read', () => {
    expect(decodeExecFrame(bytes(0, 104, 105))).toEqual({ type: 'stdin', data: text('hi') });
    expect(decodeExecFrame(bytes(255, 0))).toEqual({ type: 'close', channel: 0 });
    expect(resize('{"Width":80,"Height":24}\n')).toEqual({ type: 'resize', columns: 80, rows: 24 });
  });

  it.each([
    '',
    '{',
    '[]',
    'null',
    '{"Width":80}',
    '{"Width":0,"Height":1}',
    '{"Width":1e9,"Height":1}',
    '{"Width":1.5,"Height":1}',
    '{"Width":"80","Height":"24"}',
  ])('are passed over when a size is %s', (size) => {
    expect(resize(size)).toEqual({ type: 'other' });
  });

  it('never fail', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (frame) => decodeExecFrame(frame).type.length > 0),
      { seed: 6 },
    );
    expect(decodeExecFrame(bytes())).toEqual({ type: 'other' });
    expect(decodeExecFrame(bytes(255))).toEqual({ type: 'other' });
  });

  it('are written', () => {
    expect(encodeExecFrame('stdout', text('a'))).toEqual(bytes(1, 97));
    expect(encodeExecFrame('stderr', bytes())).toEqual(bytes(2));
    const status = (frame: Uint8Array) => [frame[0], JSON.parse(new TextDecoder().decode(frame.subarray(1)))];
    expect(status(encodeExit({ exitCode: 0 }))).toEqual([3, { metadata: {}, status: 'Success' }]);
    expect(status(encodeExit({ exitCode: 3 }))).toEqual([
      3,
      {
        metadata: {},
        status: 'Failure',
        reason: 'NonZeroExitCode',
        message: 'command terminated with non-zero exit code: exit status 3',
        details: { causes: [{ reason: 'ExitCode', message: '3' }] },
      },
    ]);
    expect(status(encodeExit({ error: 'gone' }))).toMatchObject([
      3,
      { status: 'Failure', reason: 'InternalError', message: 'gone' },
    ]);
  });

  it('are spoken in the newest protocol that both know', () => {
    expect(chooseExecProtocol(['v4.channel.k8s.io', 'v5.channel.k8s.io'])).toBe('v5.channel.k8s.io');
    expect(chooseExecProtocol(['channel.k8s.io', 'v4.channel.k8s.io'])).toBe('v4.channel.k8s.io');
    expect(chooseExecProtocol(['base64.channel.k8s.io'])).toBeUndefined();
  });
});
