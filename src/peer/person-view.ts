/** How a person is shown, wherever one is named. */
import type { MemberId } from "../../protocol/index.ts";

/** A person as others see them. */
export interface PersonView {
  readonly id: MemberId;
  readonly name: string;
  readonly isMe: boolean;
  /** A short fingerprint of the key, to tell two people of one name apart: "7F3A 91C2". */
  readonly fingerprint: string;
}
