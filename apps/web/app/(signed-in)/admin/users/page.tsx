'use client';
import { UsersPage } from '../../../../src/admin/users-page.tsx';

export default function Page() {
  return <UsersPage />;
}
