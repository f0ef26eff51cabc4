'use client';
import { ExecutorsPage } from '../../../../src/executors/executors-page.tsx';

export default function Page() {
  return <ExecutorsPage />;
}
