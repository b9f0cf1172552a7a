package main

import (
	"bytes"
	"io"
	"strings"

	"filippo.io/age"
	"filippo.io/age/armor"
)

type ageInput struct {
	// In the form of age-keygen, comments included: what SOPS reads from its key file.
	Identities string `json:"identities"`
	// An armored file that one of them opens, and a text to be sealed to the first.
	Sealed string `json:"sealed"`
	Text   string `json:"text"`
}

type ageVerdict struct {
	Opened    string `json:"opened"`
	Sealed    string `json:"sealed"`
	Recipient string `json:"recipient"`
}

func tryAge(input ageInput) (*ageVerdict, error) {
	identities, err := age.ParseIdentities(strings.NewReader(input.Identities))
	if err != nil {
		return nil, err
	}

	plain, err := age.Decrypt(armor.NewReader(strings.NewReader(input.Sealed)), identities...)
	if err != nil {
		return nil, err
	}

	opened, err := io.ReadAll(plain)
	if err != nil {
		return nil, err
	}

	identity, err := age.ParseX25519Identity(strings.TrimSpace(lastLine(input.Identities)))
	if err != nil {
		return nil, err
	}

	var sealed bytes.Buffer

	armored := armor.NewWriter(&sealed)

	writer, err := age.Encrypt(armored, identity.Recipient())
	if err != nil {
		return nil, err
	}

	if _, err = io.WriteString(writer, input.Text); err != nil {
		return nil, err
	}

	if err = writer.Close(); err != nil {
		return nil, err
	}

	if err = armored.Close(); err != nil {
		return nil, err
	}

	return &ageVerdict{Opened: string(opened), Sealed: sealed.String(), Recipient: identity.Recipient().String()}, nil
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")

	return lines[len(lines)-1]
}
