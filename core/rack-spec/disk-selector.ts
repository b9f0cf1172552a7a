import { z } from 'zod';

const wishes = z.strictObject({
  serial: z.string().min(1).optional().describe('Serial number, exactly as on the label.'),
  wwid: z.string().min(1).optional().describe('World Wide Identifier, such as eui.0025… or naa.5000….'),
  model: z.string().min(1).optional().describe('Model, exactly as the disk says it.'),
  transport: z.enum(['nvme', 'sata', 'sas', 'scsi', 'virtio', 'usb', 'mmc']).optional().describe('How it is attached.'),
  minSizeGB: z.number().positive().optional().describe('At least so large, in units of 10^9 bytes as on the label.'),
  maxSizeGB: z.number().positive().optional().describe('At most so large, in units of 10^9 bytes.'),
});

/** What an operator says of a disk; every key has to fit. */
export const diskSelector = wishes
  .refine((selector) => Object.values(selector).some((wish) => wish !== undefined), {
    error: 'must name at least one of serial, wwid, model, transport, minSizeGB, maxSizeGB',
  })
  .refine(({ minSizeGB = 0, maxSizeGB = Infinity }) => minSizeGB <= maxSizeGB, {
    error: 'asks for a minSizeGB above its maxSizeGB; allowed: one not above the other',
  });

export type DiskWish = z.output<typeof diskSelector>;

/** The install disk of a machine. What fits one of `except`, its storage disks, is never it. */
export type DiskSelector = DiskWish & { readonly except?: readonly DiskWish[] };
