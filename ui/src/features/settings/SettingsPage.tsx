// How the window looks, and what OwnKey keeps on this computer.

import Container from "@cloudscape-design/components/container";
import ContentLayout from "@cloudscape-design/components/content-layout";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import RadioGroup from "@cloudscape-design/components/radio-group";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useFresh } from "../../api/answers";
import { commands, type ThisComputer } from "../../api/bindings";
import { usePage } from "../../app/frame";
import { type DEFAULTS, usePreference } from "../../app/preferences";
import { ProblemAlert } from "../../app/problems";
import { Copyable } from "../../parts/Copy";
import { Later } from "../../parts/Later";
import { Backups } from "./Backups";
import { Sandbox } from "./Sandbox";

export function SettingsPage() {
  usePage("Settings");
  return (
    <ContentLayout header={<Header variant="h1">Settings</Header>}>
      <SpaceBetween size="l">
        <Appearance />
        <Backups />
        <Sandbox />
        <Computer />
      </SpaceBetween>
    </ContentLayout>
  );
}

type Theme = (typeof DEFAULTS)["appearance.theme"];
type Density = (typeof DEFAULTS)["appearance.density"];

function Appearance() {
  const [theme, chooseTheme] = usePreference("appearance.theme");
  const [density, chooseDensity] = usePreference("appearance.density");
  return (
    <Container header={<Header variant="h2">Appearance</Header>}>
      <div className="side-by-side">
        <FormField label="Theme">
          <RadioGroup
            value={theme}
            onChange={({ detail }) => chooseTheme(detail.value as Theme)}
            items={[
              { value: "system", label: "System", description: "Follows the operating system" },
              { value: "light", label: "Light" },
              { value: "dark", label: "Dark" },
            ]}
          />
        </FormField>
        <FormField label="Density">
          <RadioGroup
            value={density}
            onChange={({ detail }) => chooseDensity(detail.value as Density)}
            items={[
              { value: "comfortable", label: "Comfortable" },
              { value: "compact", label: "Compact", description: "More rows at once" },
            ]}
          />
        </FormField>
      </div>
    </Container>
  );
}

function Computer() {
  const computer = useFresh(["this computer"], commands.describeThisComputer);
  return (
    <Container header={<Header variant="h2">This computer</Header>}>
      {computer.error ? (
        <ProblemAlert error={computer.error.error} retry={() => computer.refetch()} />
      ) : computer.data ? (
        <About computer={computer.data} retry={() => computer.refetch()} />
      ) : (
        <Later what="this computer" />
      )}
    </Container>
  );
}

function About({ computer, retry }: { computer: ThisComputer; retry: () => void }) {
  const { version, dataFolder, cacheBytes, keychain } = computer;
  return (
    <SpaceBetween size="l">
      <KeyValuePairs
        columns={2}
        items={[
          { label: "OwnKey version", value: version },
          { label: "Data folder", value: <Copyable text={dataFolder} what="data folder" /> },
          {
            label: "Cache",
            value: `${sizeInWords(cacheBytes ?? 0)}, what was read from AWS; it may be lost without harm`,
          },
          {
            label: "Keychain",
            value:
              keychain.state === "works" ? (
                <StatusIndicator type="success">
                  Works: a secret was written, read and removed
                </StatusIndicator>
              ) : (
                <StatusIndicator type="error">Does not work</StatusIndicator>
              ),
          },
        ]}
      />
      {keychain.state === "fails" && <ProblemAlert error={keychain.error} retry={retry} />}
    </SpaceBetween>
  );
}

function sizeInWords(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB"];
  const power = Math.min(Math.floor(Math.log2(Math.max(bytes, 1)) / 10), units.length - 1);
  const number = bytes / 1024 ** power;
  return `${power === 0 ? number : number.toFixed(1)} ${units[power]}`;
}
