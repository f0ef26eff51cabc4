/** The address of a link that a model or another person wrote; undefined unless it is http, https or mailto. */
export function safeLink(url: string | undefined): string | undefined {
  return allowed(url, ['http:', 'https:', 'mailto:']);
}

/** The address of a picture; undefined unless it is https or a data URL of a raster image. */
export function safeImage(url: string | undefined): string | undefined {
  if (url && /^data:image\/(?:png|jpe?g|gif|webp);base64,[A-Za-z0-9+/=\s]*$/i.test(url)) return url;
  return allowed(url, ['https:']);
}

function allowed(url: string | undefined, protocols: readonly string[]): string | undefined {
  if (!url) return undefined;
  try {
    // Without a base, anything relative is refused: it would point into this application.
    const parsed = new URL(url);
    return protocols.includes(parsed.protocol) ? parsed.href : undefined;
  } catch {
    return undefined;
  }
}
