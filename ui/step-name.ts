/** `cp-1: Install Talos`, or only the title where it names the machine by itself. */
export function stepName({ title, machine }: { readonly title: string; readonly machine?: string }): string {
  return machine === undefined || title.includes(machine) ? title : `${machine}: ${title}`;
}
