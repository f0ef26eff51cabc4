'use client';
import { NotFoundPage } from '../src/frame/not-found-page.tsx';

export default function Page() {
  return <NotFoundPage />;
}
