import Modal from "@cloudscape-design/components/modal";
import { SHORTCUTS } from "./shortcuts";

export function ShortcutSheet({ close }: { close: () => void }) {
  return (
    <Modal visible onDismiss={close} header="Keyboard shortcuts" size="small">
      <dl className="shortcuts">
        {SHORTCUTS.map(({ keys, does }) => (
          <div key={keys}>
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
    </Modal>
  );
}
