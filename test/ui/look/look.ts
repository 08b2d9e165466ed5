/** One thing to look at. */
import type { Page } from "playwright-core";

export interface Look {
  readonly name: string;
  /** After the slash; see page.ts. */
  readonly at: string;
  readonly act?: (page: Page) => Promise<void>;
}
