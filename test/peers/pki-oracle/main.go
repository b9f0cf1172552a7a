// Command pki-oracle says what Talos' own machinery, age and Image Factory's encoder make of keys, secrets and
// schematics, and how long Talos takes for the like: it reads one request as JSON from its standard input and writes one answer as JSON to its standard output.
// Which Talos it speaks for is decided by the go.mod that it is built with.
package main

import (
	"encoding/json"
	"log"
	"os"
)

type request struct {
	// Version contract, such as v1.13, for Create.
	Contract string `json:"contract"`
	// Makes a bundle, a talosconfig and certificates like Talos does for itself.
	Create bool `json:"create"`
	// A secrets.yaml, the talosconfig and the kubeconfig that were made from it.
	Secrets     string `json:"secrets"`
	Talosconfig string `json:"talosconfig"`
	Kubeconfig  string `json:"kubeconfig"`

	Schematics []schematic `json:"schematics"`
	Age        *ageInput   `json:"age"`
	Bench      *benchInput `json:"bench"`
}

type answer struct {
	Created     *created            `json:"created,omitempty"`
	Secrets     *secretsVerdict     `json:"secrets,omitempty"`
	Talosconfig *talosconfigVerdict `json:"talosconfig,omitempty"`
	Kubeconfig  *kubeconfigVerdict  `json:"kubeconfig,omitempty"`
	Schematics  []string            `json:"schematics,omitempty"`
	Age         *ageVerdict         `json:"age,omitempty"`
	Bench       *benchVerdict       `json:"bench,omitempty"`
}

func main() {
	log.SetFlags(0)

	var (
		asked    request
		answered answer
		err      error
	)

	decoder := json.NewDecoder(os.Stdin)
	decoder.DisallowUnknownFields()

	if err = decoder.Decode(&asked); err != nil {
		log.Fatal("pki-oracle: request: ", err)
	}

	if asked.Create {
		if answered.Created, err = create(asked.Contract); err != nil {
			log.Fatal("pki-oracle: create: ", err)
		}
	}

	if asked.Secrets != "" {
		answered.Secrets = judgeSecrets(asked.Secrets)
	}

	if asked.Talosconfig != "" {
		answered.Talosconfig = judgeTalosconfig(asked.Talosconfig)
	}

	if asked.Kubeconfig != "" {
		answered.Kubeconfig = judgeKubeconfig(asked.Kubeconfig)
	}

	if answered.Schematics, err = encodeSchematics(asked.Schematics); err != nil {
		log.Fatal("pki-oracle: schematics: ", err)
	}

	if asked.Age != nil {
		if answered.Age, err = tryAge(*asked.Age); err != nil {
			log.Fatal("pki-oracle: age: ", err)
		}
	}

	if asked.Bench != nil {
		if answered.Bench, err = bench(asked.Contract, *asked.Bench); err != nil {
			log.Fatal("pki-oracle: bench: ", err)
		}
	}

	if err := json.NewEncoder(os.Stdout).Encode(answered); err != nil {
		log.Fatal("pki-oracle: answer: ", err)
	}
}
