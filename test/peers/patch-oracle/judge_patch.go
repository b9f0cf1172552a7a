package main

import (
	"bytes"
	"fmt"

	"github.com/siderolabs/talos/pkg/machinery/config/configloader"
	"github.com/siderolabs/talos/pkg/machinery/config/configpatcher"
	"github.com/siderolabs/talos/pkg/machinery/config/encoder"
)

type patchRequest struct {
	Config  string   `json:"config"`
	Patches []string `json:"patches"`
	// What the other side made of the same; empty when it refused.
	Ours string `json:"ours"`
}

type patchVerdict struct {
	// Empty when Talos took the patches.
	Error string `json:"error"`
	// The patched config in Talos' own form.
	Patched string `json:"patched"`
	// The other side's config in Talos' own form, and why there is none.
	Ours      string `json:"ours"`
	OursError string `json:"oursError"`
}

func judgePatch(asked patchRequest) patchVerdict {
	var verdict patchVerdict

	patched, err := applyPatches(asked)
	if err == nil {
		patched, err = normalize(patched)
	}

	if err != nil {
		verdict.Error = err.Error()
	}

	verdict.Patched = string(patched)

	if asked.Ours != "" {
		ours, err := normalize([]byte(asked.Ours))
		if err != nil {
			verdict.OursError = err.Error()
		}

		verdict.Ours = string(ours)
	}

	return verdict
}

func applyPatches(asked patchRequest) (patched []byte, err error) {
	// Some merges panic: a refusal like any other.
	defer func() {
		if panicked := recover(); panicked != nil {
			err = fmt.Errorf("panic: %v", panicked)
		}
	}()

	patches := []configpatcher.Patch{}

	for _, text := range asked.Patches {
		patch, err := configpatcher.LoadPatch([]byte(text))
		if err != nil {
			return nil, err
		}

		patches = append(patches, patch)
	}

	output, err := configpatcher.Apply(configpatcher.WithBytes([]byte(asked.Config)), patches)
	if err != nil {
		return nil, err
	}

	return output.Bytes()
}

// normalize loads a config and writes it in Talos' own form, so that only what it means is left.
func normalize(text []byte) ([]byte, error) {
	// Talos writes a protocol that nobody set in a way that it does not read.
	text = bytes.ReplaceAll(text, []byte("protocol: Protocol(0)"), nil)

	provider, err := configloader.NewFromBytes(text)
	if err != nil {
		return nil, err
	}

	return provider.EncodeBytes(encoder.WithComments(encoder.CommentsDisabled), encoder.WithOmitEmpty(false))
}
