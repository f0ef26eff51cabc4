'use client';
import { LoginPage } from '../../src/session/login-page.tsx';

export default function Page() {
  return <LoginPage />;
}
