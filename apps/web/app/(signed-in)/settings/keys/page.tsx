'use client';
import { KeysPage } from '../../../../src/settings/keys-page.tsx';

export default function Page() {
  return <KeysPage />;
}
