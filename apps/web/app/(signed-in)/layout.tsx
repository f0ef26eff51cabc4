'use client';
import { type ReactNode, Suspense } from 'react';
import { Frame } from '../../src/frame/frame.tsx';
import { Boot } from '../../src/session/providers.tsx';
import { SignedIn } from '../../src/session/signed-in.tsx';

export default function SignedInLayout({ children }: { children: ReactNode }) {
  return (
    <SignedIn waiting={<Boot />}>
      <Suspense fallback={<Boot />}>
        <Frame>{children}</Frame>
      </Suspense>
    </SignedIn>
  );
}
