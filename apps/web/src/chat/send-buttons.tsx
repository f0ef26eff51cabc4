import { ArrowUpOutlined, NodeIndexOutlined } from '@ant-design/icons';
import { Button, Tooltip } from 'antd';
import { useTranslation } from 'react-i18next';
import { StopIcon } from './stop-icon.tsx';

/** Stop, and the ways to send: at once, after the answer that is being written, or into it. */
export function SendButtons({
  busy,
  stopping,
  locked,
  possible,
  canSteer,
  onStop,
  onSend,
}: {
  busy: boolean;
  stopping: boolean;
  locked: boolean;
  possible: boolean;
  canSteer: boolean;
  onStop: (() => void) | undefined;
  onSend: (steer: boolean) => void;
}) {
  const { t } = useTranslation('chat');
  return (
    <>
      {busy && (
        <Tooltip title={t('stop')}>
          <Button
            shape="circle"
            data-testid="stop"
            icon={<StopIcon />}
            loading={stopping}
            aria-label={t('stop')}
            onClick={onStop}
          />
        </Tooltip>
      )}
      {busy && canSteer && possible && (
        <Tooltip title={t('steerHint')}>
          <Button data-testid="steer" icon={<NodeIndexOutlined />} onClick={() => onSend(true)}>
            {t('steer')}
          </Button>
        </Tooltip>
      )}
      {(!busy || possible) && (
        <Tooltip title={t(busy ? 'queue.add' : 'send')}>
          <Button
            type="primary"
            shape="circle"
            data-testid="send"
            icon={<ArrowUpOutlined />}
            loading={locked}
            disabled={!possible}
            aria-label={t(busy ? 'queue.add' : 'send')}
            onClick={() => onSend(false)}
          />
        </Tooltip>
      )}
    </>
  );
}
