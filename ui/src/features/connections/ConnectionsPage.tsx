// The accounts that OwnKey looks at, and the ways it signs in to them.

import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";
import Tabs from "@cloudscape-design/components/tabs";
import { useNavigate } from "react-router";
import { usePage } from "../../app/frame";
import { usePaths } from "../../app/session";
import { ConnectionList } from "./ConnectionList";
import { RegistrationList } from "./RegistrationList";

export function ConnectionsPage({ tab }: { tab: "registrations" | "connections" }) {
  usePage("Connections");
  const paths = usePaths();
  const navigate = useNavigate();
  return (
    <ContentLayout
      header={
        <Header
          variant="h1"
          description="A registration is an AWS account with the regions that OwnKey looks at. It is reached over a connection, which is a way to sign in."
        >
          Connections
        </Header>
      }
    >
      <Tabs
        ariaLabel="Connections"
        activeTabId={tab}
        onChange={({ detail }) =>
          navigate(detail.activeTabId === "connections" ? paths.signIns() : paths.connections())
        }
        tabs={[
          {
            id: "registrations",
            label: "Registrations",
            content: tab === "registrations" && <RegistrationList />,
          },
          {
            id: "connections",
            label: "Connections",
            content: tab === "connections" && <ConnectionList />,
          },
        ]}
      />
    </ContentLayout>
  );
}
