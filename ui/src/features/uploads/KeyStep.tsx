// Second step: where the key lives and what it is called.

import AttributeEditor from "@cloudscape-design/components/attribute-editor";
import Checkbox from "@cloudscape-design/components/checkbox";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import type { Tag } from "../../api/bindings";
import { useRegistrations } from "../../app/session";
import { Foreign, shorten } from "../../parts/Foreign";
import { blamed } from "./blame";
import type { StepProps } from "./UploadKey";

export function KeyStep({ form, change, target, error }: StepProps) {
  return (
    <SpaceBetween size="l">
      <Container header={<Header variant="h2">Account and region</Header>}>
        <Place form={form} change={change} target={target} error={error} />
      </Container>
      <Container header={<Header variant="h2">Name</Header>}>
        <SpaceBetween size="l">
          <FormField
            label={optional("Alias")}
            description="What people and programs call the key by. Without one they have only its ID."
            constraintText="Letters, digits, slashes, hyphens and underscores. The prefix alias/ may be left out."
            errorText={text(blamed(error, "alias"))}
          >
            <Input
              value={form.alias}
              placeholder="alias/prod/payments"
              spellcheck={false}
              autoComplete={false}
              onChange={({ detail }) => change({ alias: detail.value })}
            />
          </FormField>
          <FormField
            stretch
            label={optional("Description")}
            errorText={blamed(error, "description")}
          >
            <Textarea
              value={form.description}
              rows={2}
              onChange={({ detail }) => change({ description: detail.value })}
            />
          </FormField>
          <Tags
            tags={form.tags}
            choose={(tags) => change({ tags })}
            error={blamed(error, "tags")}
          />
        </SpaceBetween>
      </Container>
      <Container header={<Header variant="h2">Replication</Header>}>
        <Checkbox
          checked={form.multiRegion}
          description="It can be replicated into other regions later. This cannot be changed once the key exists."
          onChange={({ detail }) => change({ multiRegion: detail.checked })}
        >
          Multi-Region key
        </Checkbox>
      </Container>
    </SpaceBetween>
  );
}

function Place({ change, target: { registration, region }, error }: StepProps) {
  const accounts = (useRegistrations() ?? []).map(({ id, name, account }) => ({
    value: id,
    label: shorten(name, 64),
    description: `Account ${account}`,
  }));
  const regions = (registration?.regions ?? []).map((value) => ({ value, label: value }));
  return (
    <div className="side-by-side">
      <FormField label="Account" errorText={blamed(error, "registration")}>
        <Select
          selectedOption={accounts.find(({ value }) => value === registration?.id) ?? null}
          options={accounts}
          empty="No account is connected."
          onChange={({ detail }) =>
            change({ registration: detail.selectedOption.value ?? "", region: "" })
          }
        />
      </FormField>
      <FormField label="Region" errorText={blamed(error, "region")}>
        <Select
          selectedOption={regions.find(({ value }) => value === region) ?? null}
          options={regions}
          filteringType={regions.length > 8 ? "auto" : "none"}
          onChange={({ detail }) =>
            registration &&
            change({ registration: registration.id, region: detail.selectedOption.value ?? "" })
          }
        />
      </FormField>
    </div>
  );
}

function Tags(props: {
  tags: readonly Tag[];
  choose: (tags: Tag[]) => void;
  error: string | undefined;
}) {
  const { tags, choose } = props;
  const put = (index: number, part: Partial<Tag>) =>
    choose(tags.map((tag, at) => (at === index ? { ...tag, ...part } : tag)));
  return (
    <FormField stretch label={optional("Tags")} errorText={text(props.error)}>
      <AttributeEditor<Tag>
        items={tags}
        empty="No tags."
        addButtonText="Add tag"
        removeButtonText="Remove"
        removeButtonAriaLabel={(tag) => `Remove tag ${tag.key || tags.indexOf(tag) + 1}`}
        onAddButtonClick={() => choose([...tags, { key: "", value: "" }])}
        onRemoveButtonClick={({ detail }) =>
          choose(tags.filter((_, index) => index !== detail.itemIndex))
        }
        definition={[
          {
            label: "Key",
            control: ({ key }, index) => (
              <Input
                value={key}
                ariaLabel={`Key of tag ${index + 1}`}
                onChange={({ detail }) => put(index, { key: detail.value })}
              />
            ),
          },
          {
            label: optional("Value"),
            control: ({ value }, index) => (
              <Input
                value={value}
                ariaLabel={`Value of tag ${index + 1}`}
                onChange={({ detail }) => put(index, { value: detail.value })}
              />
            ),
          },
        ]}
      />
    </FormField>
  );
}

function optional(label: string) {
  return (
    <>
      {label} <i>– optional</i>
    </>
  );
}

function text(problem: string | undefined) {
  return problem && <Foreign text={problem} max={600} />;
}
