'use client';
import { Redirect } from '../src/ui/redirect.tsx';

export default function Page() {
  return <Redirect to="/chat" />;
}
