// Waiting: under 100 ms nothing, then quietly.

import Box from "@cloudscape-design/components/box";
import Spinner from "@cloudscape-design/components/spinner";
import { useEffect, useState } from "react";

/** Nothing at first; a spinner in place once the wait can be felt. */
export function Later({ what }: { what: string }) {
  return useFelt(true) ? (
    <Box textAlign="center" padding="xxl" color="text-body-secondary">
      <Spinner /> Opening {what}
    </Box>
  ) : null;
}

/** True once something has been going on for long enough to be felt. */
export function useFelt(going: boolean): boolean {
  const [felt, setFelt] = useState(false);
  useEffect(() => {
    if (!going) {
      setFelt(false);
      return;
    }
    const timer = setTimeout(() => setFelt(true), 100);
    return () => clearTimeout(timer);
  }, [going]);
  return going && felt;
}
