// What was not read is never shown as empty.

import StatusIndicator from "@cloudscape-design/components/status-indicator";
import type { ReactNode } from "react";
import type { AppError, Reading } from "../api/bindings";
import { inOneSentence, ProblemAlert, problemOf } from "../app/problems";
import { Foreign } from "./Foreign";

/** A reading in one line: the value, or why it is not known. */
export function Read<T>(props: { reading: Reading<T>; children: (value: T) => ReactNode }) {
  return props.reading.reading === "known" ? (
    props.children(props.reading.value)
  ) : (
    <NotRead error={props.reading.value} />
  );
}

/** A reading that fills a tab. */
export function ReadBlock<T>(props: {
  reading: Reading<T>;
  retry: () => void;
  children: (value: T) => ReactNode;
}) {
  return props.reading.reading === "known" ? (
    props.children(props.reading.value)
  ) : (
    <ProblemAlert
      title={`Not read: ${problemOf(props.reading.value).title}`}
      error={props.reading.value}
      retry={props.retry}
    />
  );
}

function NotRead({ error }: { error: AppError }) {
  return (
    <StatusIndicator type="warning">
      Not read: <Foreign text={inOneSentence(error)} max={300} />
    </StatusIndicator>
  );
}
