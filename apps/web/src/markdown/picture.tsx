import { PictureOutlined } from '@ant-design/icons';
import { type MouseEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';

interface PictureProps {
  src: string;
  alt: string;
  title?: string | undefined;
}

/**
 * A picture of an answer. One from another host waits for a click: its address may have been made up to carry words of
 * the conversation there.
 */
export function Picture(props: PictureProps) {
  const host = otherHost(props.src);
  if (host === undefined) return <Loaded {...props} />;
  // Another address asks again.
  return <RemotePicture key={props.src} {...props} host={host} />;
}

function RemotePicture({ host, ...props }: PictureProps & { host: string }) {
  const { t } = useTranslation('chat');
  const [wanted, setWanted] = useState(false);
  if (wanted) return <Loaded {...props} />;
  const load = (event: MouseEvent) => {
    // The picture may stand in a link, which was not what was clicked.
    event.preventDefault();
    setWanted(true);
  };
  return (
    <button
      type="button"
      data-testid="remote-picture"
      title={props.src}
      className="inline-flex max-w-full cursor-pointer items-center gap-2 rounded-control border border-line bg-raised px-3 py-1 text-left text-[13px] leading-5 text-muted hover:border-line-strong hover:text-ink"
      onClick={load}
    >
      <PictureOutlined />
      <span className="min-w-0">
        {props.alt !== '' && <span className="text-ink">{props.alt} · </span>}
        {t('markdown.loadPicture', { host })}
      </span>
    </button>
  );
}

function Loaded({ src, alt, title }: PictureProps) {
  return (
    // biome-ignore lint/performance/noImgElement: nothing of ours stands between the browser and the picture's host.
    <img src={src} alt={alt} title={title} loading="lazy" referrerPolicy="no-referrer" />
  );
}

/** The host that loading an address would ask; undefined when nobody but this product's own server would be. */
function otherHost(src: string): string | undefined {
  const { protocol, origin, host } = new URL(src, globalThis.location?.href);
  return protocol === 'data:' || origin === globalThis.location?.origin ? undefined : host;
}
