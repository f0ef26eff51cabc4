'use client';
import { CodePage } from '../../../src/code/code-page.tsx';

export default function Page() {
  return <CodePage />;
}
