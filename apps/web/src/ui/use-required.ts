import { useTranslation } from 'react-i18next';

/** The rule of a field that must be filled in. It speaks up on submit, not when one merely passes through. */
export function useRequired() {
  const { t } = useTranslation();
  return { required: true, whitespace: true, message: t('form.required'), validateTrigger: 'onSubmit' };
}
