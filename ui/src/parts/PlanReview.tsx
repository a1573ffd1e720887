// A plan before it is applied: what was chosen, what to know, the steps with their commands.

import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import type { ReactNode } from "react";
import type { Plan, PlannedStep } from "../api/bindings";
import {
  type NoteWords,
  noteInWords,
  stepDetail,
  stepInWords,
  stepPlace,
} from "../app/operationWords";
import { count } from "../app/syncWords";
import { CopyText } from "./Copy";
import { Foreign } from "./Foreign";
import { inSeconds } from "./Time";

/** A part of what was chosen, with the way back to where it was chosen. */
export interface Chosen {
  title: string;
  items: { label: string; value: ReactNode }[];
  edit?: () => void;
}

export function PlanReview({ plan, chosen }: { plan: Plan; chosen: readonly Chosen[] }) {
  const notes = plan.notes.map(noteInWords);
  return (
    <SpaceBetween size="l">
      {NOTE_TYPES.map((type) => (
        <Notes key={type} type={type} texts={notes.filter((note) => note.type === type)} />
      ))}
      {chosen.map(({ title, items, edit }) => (
        <Container
          key={title}
          header={
            <Header
              variant="h2"
              actions={
                edit && (
                  <Button onClick={edit} ariaLabel={`Edit ${title}`}>
                    Edit
                  </Button>
                )
              }
            >
              {title}
            </Header>
          }
        >
          <KeyValuePairs columns={3} items={items} />
        </Container>
      ))}
      <Steps plan={plan} />
    </SpaceBetween>
  );
}

/** What warns comes first. */
const NOTE_TYPES: NoteWords["type"][] = ["warning", "success", "info"];

function Notes({ type, texts }: { type: NoteWords["type"]; texts: NoteWords[] }) {
  return texts.length === 0 ? null : (
    <Alert type={type}>
      <SpaceBetween size="xs">
        {texts.map(({ text }) => (
          <div key={text}>
            <Foreign text={text} max={1000} />
          </div>
        ))}
      </SpaceBetween>
    </Alert>
  );
}

function Steps({ plan }: { plan: Plan }) {
  const commands = plan.steps.flatMap((step) => step.commands);
  return (
    <Table<PlannedStep & { number: number }>
      items={plan.steps.map((step, index) => ({ ...step, number: index + 1 }))}
      trackBy={({ number }) => String(number)}
      wrapLines
      ariaLabels={{ tableLabel: "Steps of the plan" }}
      header={
        <Header
          variant="h2"
          counter={`(${plan.steps.length})`}
          description={`At least ${count(plan.requests, "request")} to AWS, about ${inSeconds(plan.seconds)}. Nothing is done before you apply.`}
          actions={
            <CopyText
              text={commands.join("\n")}
              label="Copy all commands"
              offBecause={commands.length === 0 ? "No step of this plan asks AWS." : undefined}
            />
          }
        >
          Steps
        </Header>
      }
      columnDefinitions={[
        {
          id: "step",
          header: "Step",
          isRowHeader: true,
          minWidth: 180,
          cell: ({ number, step }) => (
            <>
              <div>
                {number}. {stepInWords(step)}
              </div>
              <div className="secondary">{stepPlace(step)}</div>
            </>
          ),
        },
        {
          id: "detail",
          header: "Details",
          minWidth: 240,
          cell: (planned) => <Details planned={planned} />,
        },
      ]}
    />
  );
}

function Details({ planned: { step, commands } }: { planned: PlannedStep }) {
  const detail = stepDetail(step);
  return (
    <>
      {detail && <Foreign text={detail} max={400} />}
      {commands.length > 0 ? (
        <ExpandableSection
          headerText="Commands"
          headerAriaLabel={`Commands: ${stepInWords(step)}`}
          variant="footer"
        >
          <pre className="commands">{commands.join("\n")}</pre>
        </ExpandableSection>
      ) : (
        !detail && <Box color="text-body-secondary">–</Box>
      )}
    </>
  );
}
