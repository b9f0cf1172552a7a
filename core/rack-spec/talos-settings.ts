import { z } from 'zod';

const texts = z.array(z.string().min(1)).optional();

/** What an Image Factory builds into the images; the keys and their order are those of the factory. */
const schematic = z.strictObject({
  overlay: z
    .strictObject({
      image: z.string().min(1).describe('Image of the overlay, such as siderolabs/sbc-raspberrypi.'),
      name: z.string().min(1).describe('Name in the image, such as rpi_generic.'),
      options: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
    })
    .optional()
    .describe('For boards that need a boot loader of their own.'),
  customization: z
    .strictObject({
      extraKernelArgs: texts.describe('Kernel arguments; one that begins with - takes a default away.'),
      meta: z
        .array(z.strictObject({ key: z.int().min(0).max(255), value: z.string() }))
        .optional()
        .describe('First values of META keys.'),
      systemExtensions: z
        .strictObject({ officialExtensions: texts.describe('Such as siderolabs/drbd; the order counts.') })
        .optional(),
      bootloader: z.enum(['dual-boot', 'sd-boot', 'grub']).optional(),
      secureboot: z
        .strictObject({ enrollKeys: z.string().optional(), includeWellKnownCertificates: z.boolean().optional() })
        .optional(),
      diskImage: z.strictObject({ sectorSize: z.int().optional() }).optional(),
    })
    .optional(),
});

export const talosSettings = z
  .strictObject({
    version: z
      .string()
      .regex(/^v\d+\.\d+\.\d+(-(alpha|beta|rc)\.\d+)?$/, { error: 'must be a release such as v1.13.9' })
      .describe('The Talos release that is installed: v1.11 to v1.14.'),
    installer: z
      .string()
      .min(1)
      .optional()
      .describe('Installer image without its tag; the tag is the version. ghcr.io/siderolabs/installer when left out.'),
    factory: z
      .string()
      .min(1)
      .optional()
      .describe('Host of the Image Factory, or of a registry that mirrors it; factory.talos.dev when left out.'),
    schematic: z
      .union([
        z
          .string()
          .regex(/^[0-9a-f]{64}$/, { error: 'must be the id of a schematic, 64 hexadecimal digits, or its keys' }),
        schematic,
      ])
      .optional()
      .describe('What the Image Factory builds in, or its id: the installer is then the one of this schematic.'),
    secureBoot: z.boolean().optional().describe('Use the Secure Boot variant of the installer; needs a schematic.'),
  })
  .refine(({ installer, schematic: built }) => installer === undefined || built === undefined, {
    error: 'has both installer and schematic; allowed: one of them, for a schematic says which installer it is',
    path: ['installer'],
  })
  .refine(({ factory, schematic: built }) => factory === undefined || built !== undefined, {
    error: 'has no effect without a schematic; allowed: both, or neither',
    path: ['factory'],
  })
  .refine(({ secureBoot = false, schematic: built }) => !secureBoot || built !== undefined, {
    error: 'needs a schematic: only an Image Factory has Secure Boot installers',
    path: ['secureBoot'],
  });

export type TalosSettings = z.output<typeof talosSettings>;
