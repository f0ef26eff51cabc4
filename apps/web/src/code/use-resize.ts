import { type KeyboardEvent, type PointerEvent, useState } from 'react';

const MIN = 320;
/** Pixels that are left to the conversation. */
const REST = 400;
const STEP = 40;

/** The width of a panel at the right that is changed by dragging its edge or by arrow keys. `onKeep` gets the last one. */
export function useResize(kept: number, onKeep: (width: number) => void) {
  const [width, setWidth] = useState(kept);
  const within = (wanted: number, room: number) =>
    Math.max(MIN, Math.min(wanted, Math.max(MIN, room - REST)));
  const roomOf = (element: HTMLElement) => element.parentElement?.parentElement?.clientWidth ?? innerWidth;
  return {
    width,
    handle: {
      onPointerDown(event: PointerEvent<HTMLElement>) {
        event.preventDefault();
        event.currentTarget.setPointerCapture(event.pointerId);
      },
      onPointerMove(event: PointerEvent<HTMLElement>) {
        const { currentTarget, pointerId, clientX } = event;
        if (!currentTarget.hasPointerCapture(pointerId)) return;
        const right = currentTarget.parentElement?.getBoundingClientRect().right ?? innerWidth;
        setWidth(within(right - clientX, roomOf(currentTarget)));
      },
      onPointerUp({ currentTarget, pointerId }: PointerEvent<HTMLElement>) {
        if (!currentTarget.hasPointerCapture(pointerId)) return;
        currentTarget.releasePointerCapture(pointerId);
        onKeep(width);
      },
      onKeyDown(event: KeyboardEvent<HTMLElement>) {
        const step = { ArrowLeft: STEP, ArrowRight: -STEP }[event.key];
        if (step === undefined) return;
        event.preventDefault();
        const next = within(width + step, roomOf(event.currentTarget));
        setWidth(next);
        onKeep(next);
      },
    },
  };
}
