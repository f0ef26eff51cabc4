'use client';
import { ProfilePage } from '../../../../src/settings/profile-page.tsx';

export default function Page() {
  return <ProfilePage />;
}
