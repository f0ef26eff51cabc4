'use client';
import { AgentEditPage } from '../../../../src/agents/editor/editor-page.tsx';

export default function Page() {
  return <AgentEditPage />;
}
