import mermaid from 'mermaid';
import { FONT, type Mode, PALETTE } from '../theme/tokens.ts';

/** A picture as a data URL, with its size in pixels. */
export interface Drawing {
  url: string;
  width: number;
  height: number;
}

let count = 0;
let turn: Promise<unknown> = Promise.resolve();

/** Draws a diagram in the colours of a mode; rejects when the source is broken. */
export function drawDiagram(code: string, mode: Mode): Promise<Drawing> {
  // One after the other: the settings are those of the whole library.
  const drawing = turn.then(async () => {
    mermaid.initialize(settings(mode));
    await mermaid.parse(code);
    count += 1;
    const { svg } = await mermaid.render(`diagram-${count}`, code);
    return toDrawing(svg);
  });
  turn = drawing.catch(() => undefined);
  return drawing;
}

function settings(mode: Mode) {
  const c = PALETTE[mode];
  return {
    startOnLoad: false,
    look: 'classic',
    securityLevel: 'strict',
    // Labels as SVG text: a picture may not hold HTML everywhere.
    htmlLabels: false,
    flowchart: { htmlLabels: false },
    theme: 'base',
    fontFamily: FONT,
    suppressErrorRendering: true,
    themeVariables: {
      darkMode: mode === 'dark',
      background: c.canvas,
      primaryColor: c.accentSoft,
      primaryBorderColor: c.accent,
      primaryTextColor: c.text,
      secondaryColor: c.sunken,
      tertiaryColor: c.sunken,
      lineColor: c.faint,
      textColor: c.text,
      mainBkg: c.accentSoft,
      nodeBorder: c.accent,
      clusterBkg: c.sunken,
      clusterBorder: c.lineStrong,
      edgeLabelBackground: c.canvas,
      fontSize: '14px',
    },
  } as const;
}

function toDrawing(svg: string): Drawing {
  const root = new DOMParser().parseFromString(svg, 'image/svg+xml').documentElement;
  const [, , width = 600, height = 400] = (root.getAttribute('viewBox') ?? '').split(/\s+/).map(Number);
  root.setAttribute('width', String(width));
  root.setAttribute('height', String(height));
  root.style.removeProperty('max-width');
  const text = new XMLSerializer().serializeToString(root);
  return {
    url: `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`,
    width: Math.ceil(width),
    height: Math.ceil(height),
  };
}
