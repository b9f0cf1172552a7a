/** The inventory of a state directory. */
export const inventoryIn = (stateDirectory: string): string => `${stateDirectory}/inventory.jsonl`;
