import { Button } from 'antd';
import { Component, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Notice } from './notice.tsx';

/** Keeps a page that fails while it is drawn from taking the frame with it. */
export class PageBoundary extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override render() {
    return this.state.failed ? <Crash /> : this.props.children;
  }
}

function Crash() {
  const { t } = useTranslation();
  return (
    <Notice
      title={t('crash.title')}
      action={
        <Button type="primary" onClick={() => location.reload()}>
          {t('actions.reload')}
        </Button>
      }
    >
      {t('crash.body')}
    </Notice>
  );
}
