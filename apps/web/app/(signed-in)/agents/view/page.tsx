'use client';
import { AgentViewPage } from '../../../../src/agents/view/agent-view-page.tsx';

export default function Page() {
  return <AgentViewPage />;
}
