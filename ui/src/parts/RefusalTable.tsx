// What could not be read: which action, where, how many times, and AWS's words.

import Box from "@cloudscape-design/components/box";
import Table from "@cloudscape-design/components/table";
import type { Refusal } from "../api/bindings";
import { inOneSentence, problemOf } from "../app/problems";
import { Foreign } from "./Foreign";

export function RefusalTable({ refusals }: { refusals: readonly Refusal[] }) {
  return (
    <Table
      variant="borderless"
      wrapLines
      items={refusals}
      trackBy={({ region, action, error }) => `${region} ${action} ${error.code}`}
      ariaLabels={{ tableLabel: "What could not be read" }}
      columnDefinitions={[
        {
          id: "action",
          header: "Action",
          cell: ({ action }) => <Box variant="code">{action}</Box>,
          isRowHeader: true,
        },
        { id: "region", header: "Region", cell: ({ region }) => region ?? "Whole account" },
        { id: "times", header: "Times", cell: ({ times }) => times.toLocaleString("en-GB") },
        {
          id: "why",
          header: "Why",
          cell: ({ error }) => {
            const { cause } = problemOf(error);
            return (
              <>
                <div>
                  <Foreign text={inOneSentence(error)} max={300} />
                </div>
                {cause && (
                  <div className="secondary">
                    <Foreign text={cause} max={300} />
                  </div>
                )}
              </>
            );
          },
        },
      ]}
    />
  );
}
