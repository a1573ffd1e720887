// The first field of a dialog has the focus; Cloudscape's dialogs give it to their close button.

import type { InputProps } from "@cloudscape-design/components/input";
import { type RefObject, useEffect, useRef } from "react";

export function useFocus(): RefObject<InputProps.Ref | null> {
  const field = useRef<InputProps.Ref>(null);
  useEffect(() => {
    const frame = requestAnimationFrame(() => field.current?.focus());
    return () => cancelAnimationFrame(frame);
  }, []);
  return field;
}
