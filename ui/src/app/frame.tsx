// What a page tells the window around it: its title, the way to it, and its split panel.

import {
  createContext,
  type ReactElement,
  type ReactNode,
  useContext,
  useEffect,
  useState,
} from "react";

export interface Crumb {
  text: string;
  href: string;
}

interface Frame {
  crumbs: readonly Crumb[];
  panel: { content: ReactElement; close: () => void } | null;
}

export function FrameProvider({ children }: { children: ReactNode }) {
  const [crumbs, setCrumbs] = useState<Frame["crumbs"]>([]);
  const [panel, setPanel] = useState<Frame["panel"]>(null);
  // Two contexts, so that a page that sets its frame is not drawn again by doing so.
  return (
    <SetCrumbs value={setCrumbs}>
      <SetPanel value={setPanel}>
        <Current value={{ crumbs, panel }}>{children}</Current>
      </SetPanel>
    </SetCrumbs>
  );
}

export function useFrame(): Frame {
  return useContext(Current);
}

/** Names the page: in the window's title and, below another page, in the breadcrumbs. */
export function usePage(title: string, above: Crumb | null = null): void {
  const setCrumbs = useContext(SetCrumbs);
  const { text, href } = above ?? {};
  useEffect(() => {
    document.title = `${title} – OwnKey`;
    const parents = text !== undefined && href !== undefined ? [{ text, href }] : [];
    setCrumbs([...parents, { text: title, href: "#" }]);
  }, [title, text, href, setCrumbs]);
}

/** Shows a split panel for as long as the page has one to show. */
export function useSplitPanel(panel: Frame["panel"]): void {
  const setPanel = useContext(SetPanel);
  useEffect(() => setPanel(panel), [panel, setPanel]);
  useEffect(() => () => setPanel(null), [setPanel]);
}

const Current = createContext<Frame>({ crumbs: [], panel: null });
const SetCrumbs = createContext<(crumbs: Frame["crumbs"]) => void>(() => undefined);
const SetPanel = createContext<(panel: Frame["panel"]) => void>(() => undefined);
