'use client';
import { TerminalPage } from '../../../../src/settings/terminal-page.tsx';

export default function Page() {
  return <TerminalPage />;
}
