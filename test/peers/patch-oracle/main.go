// Command patch-oracle says what Talos' own machinery makes of patches and of configs, and which fields its documents
// have: it reads one request as JSON from its standard input and writes one answer as JSON to its standard output. Which
// Talos it speaks for is decided by the go.mod that it is built with.
package main

import (
	"encoding/json"
	"log"
	"os"
)

type request struct {
	// Kinds of documents to describe; those that this Talos does not have are left out of the answer.
	Kinds   []string       `json:"kinds"`
	Patches []patchRequest `json:"patches"`
	Configs []string       `json:"configs"`
}

type answer struct {
	Fields  *fields         `json:"fields,omitempty"`
	Patches []patchVerdict  `json:"patches"`
	Configs []configVerdict `json:"configs"`
}

func main() {
	log.SetFlags(0)

	var asked request

	decoder := json.NewDecoder(os.Stdin)
	decoder.DisallowUnknownFields()

	if err := decoder.Decode(&asked); err != nil {
		log.Fatal("patch-oracle: request: ", err)
	}

	answered := answer{Patches: []patchVerdict{}, Configs: []configVerdict{}}

	if len(asked.Kinds) > 0 {
		answered.Fields = describe(asked.Kinds)
	}

	for _, patch := range asked.Patches {
		answered.Patches = append(answered.Patches, judgePatch(patch))
	}

	for _, config := range asked.Configs {
		answered.Configs = append(answered.Configs, judgeConfig(config))
	}

	if err := json.NewEncoder(os.Stdout).Encode(answered); err != nil {
		log.Fatal("patch-oracle: answer: ", err)
	}
}
