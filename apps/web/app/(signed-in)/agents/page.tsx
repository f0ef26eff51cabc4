'use client';
import { AgentsPage } from '../../../src/agents/agents-page.tsx';

export default function Page() {
  return <AgentsPage />;
}
