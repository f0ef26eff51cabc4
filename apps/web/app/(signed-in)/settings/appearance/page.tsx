'use client';
import { AppearancePage } from '../../../../src/settings/appearance-page.tsx';

export default function Page() {
  return <AppearancePage />;
}
