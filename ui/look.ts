/** How a terminal wants to be written to. */
export interface Look {
  readonly isUtf8: boolean;
  readonly hasColour: boolean;
}
