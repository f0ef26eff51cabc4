import { PasswordForm } from './password-form.tsx';
import { ProfileForm } from './profile-form.tsx';
import { SettingsPage } from './settings-page.tsx';

/** Who one is, and the password. */
export function ProfilePage() {
  return (
    <SettingsPage section="profile">
      <ProfileForm />
      <PasswordForm />
    </SettingsPage>
  );
}
