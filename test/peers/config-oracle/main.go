// Command config-oracle says what Talos' own machinery thinks of what Rackwright made: it reads one request as JSON
// from its standard input and writes one answer as JSON to its standard output. Which Talos it speaks for is decided by
// the go.mod that it is built with.
package main

import (
	"encoding/json"
	"log"
	"os"
)

type request struct {
	// Version contract, such as v1.13, for Generate.
	Contract    string          `json:"contract"`
	Configs     []configRequest `json:"configs"`
	Matches     []matchRequest  `json:"matches"`
	Secrets     string          `json:"secrets"`
	Talosconfig string          `json:"talosconfig"`
	Generate    *generateInput  `json:"generate"`
}

type answer struct {
	Configs     []configVerdict     `json:"configs"`
	Matches     []matchVerdict      `json:"matches"`
	Secrets     *secretsVerdict     `json:"secrets,omitempty"`
	Talosconfig *talosconfigVerdict `json:"talosconfig,omitempty"`
	Generated   map[string]string   `json:"generated,omitempty"`
}

func main() {
	log.SetFlags(0)

	var (
		asked    request
		answered = answer{Configs: []configVerdict{}, Matches: []matchVerdict{}}
	)

	decoder := json.NewDecoder(os.Stdin)
	decoder.DisallowUnknownFields()

	if err := decoder.Decode(&asked); err != nil {
		log.Fatal("config-oracle: request: ", err)
	}

	for _, config := range asked.Configs {
		answered.Configs = append(answered.Configs, judgeConfig(config))
	}

	for _, match := range asked.Matches {
		answered.Matches = append(answered.Matches, judgeMatch(match))
	}

	if asked.Secrets != "" {
		answered.Secrets = judgeSecrets(asked.Secrets)
	}

	if asked.Talosconfig != "" {
		answered.Talosconfig = judgeTalosconfig(asked.Talosconfig)
	}

	if asked.Generate != nil {
		generated, err := generateConfigs(asked.Contract, asked.Secrets, *asked.Generate)
		if err != nil {
			log.Fatal("config-oracle: generate: ", err)
		}

		answered.Generated = generated
	}

	if err := json.NewEncoder(os.Stdout).Encode(answered); err != nil {
		log.Fatal("config-oracle: answer: ", err)
	}
}
