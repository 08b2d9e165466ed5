/** What happens when a page has been reached: where the focus goes, and how far down one was. */

export interface Arrival {
  /** Call after the page is drawn. */
  readonly arrived: (main: HTMLElement, location: string) => void;
  /** Call on every scroll. */
  readonly scrolled: (location: string) => void;
}

export function createArrival(): Arrival {
  const heights = new Map<string, number>();
  let previous: string | null = null;
  return {
    scrolled: (location) => void heights.set(location, window.scrollY),
    arrived: (main, location) => {
      const first = previous === null;
      // Back from one ask to its list: where one was. Any other way: at the top.
      const height = previous?.startsWith(`${location}/post/`) ? (heights.get(location) ?? 0) : 0;
      previous = location;
      if (first) return; // the first page is where the reader already is
      const target = main.querySelector<HTMLElement>("[data-lead]") ?? main.querySelector<HTMLElement>("h1");
      if (target?.tagName === "H1") target.tabIndex = -1;
      target?.focus({ preventScroll: true });
      window.scrollTo(0, height);
    },
  };
}
