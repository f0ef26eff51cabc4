'use client';
import { GitHostsPage } from '../../../../src/git-hosts/git-hosts-page.tsx';

export default function Page() {
  return <GitHostsPage />;
}
