package main

import (
	"errors"

	"github.com/hashicorp/go-multierror"
	"github.com/siderolabs/talos/pkg/machinery/config/configloader"
)

type configVerdict struct {
	// Why the text is no config at all, such as for an unknown key.
	LoadError string `json:"loadError"`
	// Everything that is wrong with the config.
	Errors   []string `json:"errors"`
	Warnings []string `json:"warnings"`
}

// metal is the mode of a machine that still has to be installed.
type metal struct{}

func (metal) String() string        { return "metal" }
func (metal) RequiresInstall() bool { return true }
func (metal) InContainer() bool     { return false }

func judgeConfig(text string) configVerdict {
	verdict := configVerdict{Errors: []string{}, Warnings: []string{}}

	provider, err := configloader.NewFromBytes([]byte(text))
	if err != nil {
		verdict.LoadError = err.Error()

		return verdict
	}

	warnings, err := provider.Validate(metal{})
	verdict.Warnings = append(verdict.Warnings, warnings...)
	verdict.Errors = append(verdict.Errors, flatten(err)...)

	return verdict
}

func flatten(err error) []string {
	if err == nil {
		return nil
	}

	var several *multierror.Error
	if !errors.As(err, &several) {
		return []string{err.Error()}
	}

	messages := []string{}
	for _, one := range several.Errors {
		messages = append(messages, flatten(one)...)
	}

	return messages
}
