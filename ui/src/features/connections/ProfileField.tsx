// Choosing one of the profiles of the AWS configuration files.

import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import RadioGroup from "@cloudscape-design/components/radio-group";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useFresh } from "../../api/answers";
import { commands, type Profile } from "../../api/bindings";
import { ProblemAlert } from "../../app/problems";
import { count } from "../../app/syncWords";
import { CopyIcon } from "../../parts/Copy";
import { Foreign, shorten } from "../../parts/Foreign";
import { Later } from "../../parts/Later";

export function ProfileField(props: {
  chosen: string;
  choose: (profile: string) => void;
  errorText: string | undefined;
}) {
  const profiles = useFresh(["profiles"], commands.listProfiles);
  const look = () => void profiles.refetch();
  if (profiles.error) {
    return <ProblemAlert error={profiles.error.error} retry={look} />;
  }
  if (!profiles.data) {
    return <Later what="the profiles" />;
  }
  return profiles.data.length === 0 ? (
    <NoProfiles look={look} />
  ) : (
    <Choice {...props} profiles={profiles.data} look={look} isLooking={profiles.isFetching} />
  );
}

/** From so many on there is something to search. */
const MANY = 8;

/** More than this is no list to look through, and slow. */
const SHOWN = 50;

function Choice(props: {
  profiles: readonly Profile[];
  chosen: string;
  choose: (profile: string) => void;
  errorText: string | undefined;
  look: () => void;
  isLooking: boolean;
}) {
  const { profiles, chosen, choose } = props;
  const [text, setText] = useState("");
  // What is chosen already is seen at once; nothing moves while another one is chosen.
  const [first] = useState(chosen);
  const found = profiles
    .filter((profile) => isFound(profile, text))
    .sort((a, b) => Number(b.name === first) - Number(a.name === first));
  const shown = found.slice(0, SHOWN);
  return (
    <SpaceBetween size="s">
      <FormField
        stretch
        label="AWS profile"
        description="From ~/.aws/config and ~/.aws/credentials. OwnKey copies no secret out of them."
        errorText={props.errorText && <Foreign text={props.errorText} max={600} />}
      >
        <SpaceBetween size="s">
          <SpaceBetween direction="horizontal" size="xs">
            {profiles.length > MANY && (
              <Input
                type="search"
                value={text}
                ariaLabel="Search the profiles"
                // What is wrong is which one is chosen.
                invalid={false}
                placeholder={`Search ${count(profiles.length, "profile")}`}
                onChange={({ detail }) => setText(detail.value)}
              />
            )}
            <Button iconName="refresh" loading={props.isLooking} onClick={props.look}>
              Look again
            </Button>
          </SpaceBetween>
          <div className={profiles.length > MANY ? "long-choice" : undefined}>
            <RadioGroup
              value={profiles.some(({ name }) => name === chosen) ? chosen : null}
              onChange={({ detail }) => choose(detail.value)}
              items={shown.map((profile) => ({
                value: profile.name,
                label: <Foreign text={profile.name} max={80} />,
                // Why it is off has to be readable, though it is off.
                description: (
                  <span className="secondary">
                    <Foreign text={profile.problem ?? profileInWords(profile)} max={300} />
                  </span>
                ),
                disabled: profile.problem !== null,
              }))}
            />
          </div>
        </SpaceBetween>
      </FormField>
      <div role="status">
        {found.length === 0 && "No profile is called that."}
        {found.length > SHOWN &&
          `${count(found.length - SHOWN, "more profile")}: search for the one you want.`}
        {chosen !== "" && !shown.some(({ name }) => name === chosen) && (
          <>
            {" "}
            Chosen: <Foreign text={chosen} max={80} />
            {profiles.every(({ name }) => name !== chosen) && ", which is no longer there"}
          </>
        )}
      </div>
    </SpaceBetween>
  );
}

function isFound({ name, roleArn, sourceProfile }: Profile, text: string): boolean {
  const searched = [name, roleArn, sourceProfile].join("\n").toLowerCase();
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => searched.includes(word));
}

/** How a profile signs in, in one line. */
export function profileInWords(profile: Profile): string {
  const { mfaSerial, region, endpointUrl } = profile;
  return [
    wayInWords(profile),
    mfaSerial && `MFA device ${shorten(mfaSerial, 80)}`,
    region && shorten(region, 40),
    endpointUrl && `at ${shorten(endpointUrl, 80)}`,
  ]
    .filter(Boolean)
    .join(", ");
}

function wayInWords({ signIn, roleArn, sourceProfile }: Profile): string {
  switch (signIn) {
    case "staticKeys":
      return "Access key";
    case "sso":
      return "IAM Identity Center";
    case "assumeRole":
      return `${role(roleArn)} assumed from ${sourceProfile ? `“${shorten(sourceProfile, 80)}”` : "the credentials of this computer"}`;
    case "webIdentity":
      return `${role(roleArn)} assumed with a token from a file`;
    case "credentialProcess":
      return "credential_process";
    case "login":
      return "aws login";
    case "nothing":
      return "No credentials";
  }
}

/** The role's name without the rest of its ARN. */
function role(arn: string | null): string {
  const name = arn?.split("/").at(-1);
  return name ? `Role ${shorten(name, 80)}` : "Role";
}

const COMMANDS = [
  { way: "With IAM Identity Center", command: "aws configure sso --profile production" },
  { way: "With your console sign-in", command: "aws login --profile production" },
  { way: "With an access key", command: "aws configure --profile production" },
];

function NoProfiles({ look }: { look: () => void }) {
  return (
    <Alert
      header="There are no AWS profiles on this computer"
      action={<Button onClick={look}>Look again</Button>}
    >
      <SpaceBetween size="xs">
        <div>Make one in a terminal, then look again:</div>
        <ul className="points">
          {COMMANDS.map(({ way, command }) => (
            <li key={command}>
              {way}: <Box variant="code">{command}</Box>{" "}
              <CopyIcon text={command} label={`Copy ${command}`} />
            </li>
          ))}
        </ul>
        <div>Or use an access key that OwnKey keeps in this computer’s keychain.</div>
      </SpaceBetween>
    </Alert>
  );
}
