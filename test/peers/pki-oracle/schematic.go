package main

import "gopkg.in/yaml.v3"

// schematic has the fields of Image Factory's own type, in its order: its id is the SHA-256 of what this encoder makes
// of it.
type schematic struct {
	Owner         string        `yaml:"owner,omitempty"         json:"owner"`
	Overlay       overlay       `yaml:"overlay,omitempty"       json:"overlay"`
	Customization customization `yaml:"customization"           json:"customization"`
}

type overlay struct {
	Image   string         `yaml:"image"             json:"image"`
	Name    string         `yaml:"name"              json:"name"`
	Options map[string]any `yaml:"options,omitempty" json:"options"`
}

type customization struct {
	EmbeddedMachineConfiguration string           `yaml:"embeddedMachineConfiguration,omitempty" json:"embeddedMachineConfiguration"`
	ExtraKernelArgs              []string         `yaml:"extraKernelArgs,omitempty"              json:"extraKernelArgs"`
	Meta                         []metaValue      `yaml:"meta,omitempty"                         json:"meta"`
	SystemExtensions             systemExtensions `yaml:"systemExtensions,omitempty"             json:"systemExtensions"`
	Bootloader                   string           `yaml:"bootloader,omitempty"                   json:"bootloader"`
	SecureBoot                   secureBoot       `yaml:"secureboot,omitempty"                   json:"secureboot"`
	DiskImage                    diskImage        `yaml:"diskImage,omitempty"                    json:"diskImage"`
}

type metaValue struct {
	Key   uint8  `yaml:"key"   json:"key"`
	Value string `yaml:"value" json:"value"`
}

type systemExtensions struct {
	OfficialExtensions []string `yaml:"officialExtensions,omitempty" json:"officialExtensions"`
}

type secureBoot struct {
	EnrollKeys                   string `yaml:"enrollKeys,omitempty"                   json:"enrollKeys"`
	IncludeWellKnownCertificates bool   `yaml:"includeWellKnownCertificates,omitempty" json:"includeWellKnownCertificates"`
}

type diskImage struct {
	SectorSize uint `yaml:"sectorSize,omitempty" json:"sectorSize"`
}

func encodeSchematics(schematics []schematic) ([]string, error) {
	texts := make([]string, 0, len(schematics))

	for _, one := range schematics {
		// JSON has no whole numbers; the YAML that a factory is sent has.
		for key, value := range one.Overlay.Options {
			if number, ok := value.(float64); ok {
				one.Overlay.Options[key] = int64(number)
			}
		}

		text, err := yaml.Marshal(one)
		if err != nil {
			return nil, err
		}

		texts = append(texts, string(text))
	}

	return texts, nil
}
