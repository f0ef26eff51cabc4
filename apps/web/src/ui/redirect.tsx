import { useRouter } from 'next/navigation';
import { useEffect } from 'react';

/** Goes elsewhere and leaves no trace in the history. */
export function Redirect({ to }: { to: string }) {
  const router = useRouter();
  useEffect(() => router.replace(to), [router, to]);
  return null;
}
