import type { Metadata, Viewport } from 'next';
import type { ReactNode } from 'react';
import { Providers } from '../src/session/providers.tsx';
import { themeCss } from '../src/theme/tokens.ts';
import './globals.css';

export const metadata: Metadata = {
  title: 'Wegent',
  description: 'A self-hosted platform for AI agent teams.',
  robots: { index: false },
};

export const viewport: Viewport = {
  themeColor: [
    { media: '(prefers-color-scheme: light)', color: '#fafafa' },
    { media: '(prefers-color-scheme: dark)', color: '#131316' },
  ],
};

export default function RootLayout({ children }: { children: ReactNode }) {
  return (
    // theme.js sets language and theme before React sees the page.
    <html lang="en" data-theme="light" suppressHydrationWarning>
      <head>
        <style>{themeCss()}</style>
        {/* Synchronous on purpose: it has to run before the first paint. */}
        <script src="/theme.js" />
      </head>
      <body>
        <Providers>{children}</Providers>
      </body>
    </html>
  );
}
