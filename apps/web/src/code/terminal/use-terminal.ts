import { ApiError } from '@wegent/api';
import { type RefObject, useCallback, useEffect, useRef, useState } from 'react';
import { useApi } from '../../session/session-provider.tsx';
import { useAppearance } from '../../theme/appearance-provider.tsx';
import { followOutput } from './follow-output.ts';
import { createInputQueue } from './input-queue.ts';
import { terminalTheme } from './terminal-theme.ts';

/** How a terminal is doing. */
export type TerminalState =
  | { status: 'opening' | 'open' | 'reconnecting' | 'ended' }
  | { status: 'failed'; error: unknown };

/**
 * A shell in the sandbox of a task, drawn into the element for as long as it is there. `label` is what its input is
 * read aloud as; `again` opens another.
 */
export function useTerminal(
  { taskId, label }: { taskId: string; label: string },
  host: RefObject<HTMLDivElement | null>,
) {
  const { workspaces } = useApi();
  const { mode } = useAppearance();
  const [state, setState] = useState<TerminalState>({ status: 'opening' });
  const [round, setRound] = useState(0);
  const paint = useRef<(mode: 'light' | 'dark') => void>(undefined);
  const modeNow = useRef(mode);

  useEffect(() => {
    modeNow.current = mode;
    paint.current?.(mode);
  }, [mode]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another round opens another terminal.
  useEffect(() => {
    const element = host.current;
    if (!element) return;
    const abort = new AbortController();
    const { signal } = abort;
    setState({ status: 'opening' });

    async function open(parent: HTMLElement): Promise<void> {
      // The terminal is large and few open one.
      const [{ Terminal: Screen }, { FitAddon }] = await Promise.all([
        import('@xterm/xterm'),
        import('@xterm/addon-fit'),
      ]);
      if (signal.aborted) return;
      const screen = new Screen({
        fontSize: 13,
        fontFamily: getComputedStyle(document.documentElement).getPropertyValue('--wg-mono'),
        cursorBlink: !matchMedia('(prefers-reduced-motion: reduce)').matches,
        scrollback: 5000,
        theme: terminalTheme(modeNow.current),
        // Links of a program lead where it wants; nobody asked for them.
        linkHandler: null,
      });
      const fit = new FitAddon();
      screen.loadAddon(fit);
      screen.open(parent);
      screen.textarea?.setAttribute('aria-label', label);
      fit.fit();
      paint.current = (next) => {
        screen.options.theme = terminalTheme(next);
      };
      signal.addEventListener('abort', () => screen.dispose(), { once: true });

      const { terminalId } = await workspaces.openTerminal(taskId, { cols: screen.cols, rows: screen.rows });
      const terminal = { taskId, terminalId };
      const close = () => void workspaces.closeTerminal(terminal).catch(() => undefined);
      // The panel may have been closed while the shell was being opened.
      if (signal.aborted) return close();
      signal.addEventListener('abort', close, { once: true });
      const input = createInputQueue({
        send: (text) => workspaces.terminalInput(terminal, text),
        onFailure: (error) => {
          if (!signal.aborted && isGone(error)) setState({ status: 'ended' });
        },
      });
      screen.onData((text) => input.push(text));
      screen.onBinary((text) => input.push(text));
      screen.onResize(({ cols, rows }) => {
        workspaces.resizeTerminal(terminal, { cols, rows }).catch(() => undefined);
      });
      const resizes = new ResizeObserver(() => {
        // Hidden behind another panel it has no size to fit.
        if (parent.clientHeight > 0) fit.fit();
      });
      resizes.observe(parent);
      signal.addEventListener('abort', () => resizes.disconnect(), { once: true });
      setState({ status: 'open' });
      screen.focus();
      await followOutput({
        connect: () => workspaces.terminalOutput(terminal, signal),
        onBytes: (bytes) => screen.write(bytes),
        onConnected: (again) => {
          // The server tells the newest output once more, so what stands here would stand here twice.
          if (again) screen.reset();
          setState({ status: 'open' });
        },
        onLost: () => setState({ status: 'reconnecting' }),
        signal,
      });
      setState({ status: 'ended' });
    }

    open(element).catch((error: unknown) => {
      if (!signal.aborted) setState({ status: 'failed', error });
    });
    return () => abort.abort();
  }, [workspaces, taskId, host, round]);

  return { state, again: useCallback(() => setRound((count) => count + 1), []) };
}

function isGone(error: unknown): boolean {
  return error instanceof ApiError && (error.reason === 'NotFound' || error.reason === 'Conflict');
}
