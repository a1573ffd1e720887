// Text that somebody else wrote: aliases, tags, descriptions, AWS's sentences.

import Button from "@cloudscape-design/components/button";
import { useState } from "react";

/** More than this is never useful at a glance; the whole is in the tooltip. */
const SHORT = 120;

/**
 * Renders it as text and nothing else: isolated, so that right-to-left characters cannot reorder
 * what stands beside it; bounded, with the whole text in a tooltip.
 */
export function Foreign({ text, max = SHORT }: { text: string; max?: number }) {
  const short = shorten(text, max);
  return (
    <bdi className="foreign" title={text}>
      {short}
    </bdi>
  );
}

/** More than this pushes everything else off the page. */
const LONG = 400;

/** The whole text, with its line breaks: for the one place where all of it must be readable. */
export function ForeignBlock({ text }: { text: string }) {
  const [whole, setWhole] = useState(false);
  const isLong = [...text].length > LONG;
  return (
    <>
      <div className="foreign foreign-block" dir="auto">
        {whole ? text : shorten(text, LONG)}
      </div>
      {isLong && (
        <Button variant="inline-link" onClick={() => setWhole(!whole)}>
          {whole ? "Show less" : "Show all of it"}
        </Button>
      )}
    </>
  );
}

/** Letters and marks that are written, or make others be written, from right to left. */
const TURNS = /[\u0590-\u08ff\u200e\u200f\u202a-\u202e\u2066-\u2069\ufb1d-\ufefc]/;

/** Foreign text within a sentence of ours, which goes on behind it in its own direction. */
export function isolated(text: string): string {
  return TURNS.test(text) ? `\u2068${text}\u2069` : text;
}

export function shorten(text: string, max: number): string {
  const characters = [...text];
  return characters.length > max ? `${characters.slice(0, max - 1).join("")}…` : text;
}
