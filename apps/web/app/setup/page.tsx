'use client';
import { SetupPage } from '../../src/session/setup-page.tsx';

export default function Page() {
  return <SetupPage />;
}
