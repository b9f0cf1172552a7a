package main

import (
	"encoding"
	"fmt"
	"path"
	"reflect"
	"strings"
	"time"

	"github.com/siderolabs/talos/pkg/machinery/config/configloader"
)

// fields says which fields the documents of this Talos have. A type is written as
//
//	string int bool float duration any   itself
//	enum(x)                              a text, of which x is the zero value
//	bytes                                base64 or hex text
//	leaf(Name)                           a text with a form of its own
//	#Name                                a mapping with the fields of types[Name]
//	[]T map:T *T                         list, mapping from names, optional
//	merge(Name)T                         as T, but with a merge of its own
//	=T                                   as T, but replaced as a whole
type fields struct {
	// From the kind of a document to the name of its type. The main document has the kind "".
	Kinds map[string]string            `json:"kinds"`
	Types map[string]map[string]string `json:"types"`
}

func describe(kinds []string) *fields {
	found := &fields{Kinds: map[string]string{}, Types: map[string]map[string]string{}}

	for _, kind := range kinds {
		text := "apiVersion: v1alpha1\nkind: " + kind
		if kind == "" {
			text = "machine: {}"
		}

		provider, err := configloader.NewFromBytes([]byte(text))
		if err != nil {
			// A pair of links is not even loaded when both ends have the same name.
			provider, err = configloader.NewFromBytes([]byte(text + "\nname: a\npeer: {name: b}"))
		}

		if err != nil {
			continue
		}

		document := provider.Documents()[0]
		found.Kinds[kind] = found.add(reflect.TypeOf(document).Elem())
	}

	return found
}

type merger interface{ Merge(other any) error }

var (
	mergerType   = reflect.TypeFor[merger]()
	textType     = reflect.TypeFor[encoding.TextUnmarshaler]()
	durationType = reflect.TypeFor[time.Duration]()
)

func (f *fields) add(structure reflect.Type) string {
	name := path.Base(structure.PkgPath()) + "." + structure.Name()
	if _, known := f.Types[name]; known {
		return name
	}

	f.Types[name] = map[string]string{}
	f.addFields(name, structure)

	return name
}

func (f *fields) addFields(name string, structure reflect.Type) {
	for i := range structure.NumField() {
		field := structure.Field(i)

		key, options, _ := strings.Cut(field.Tag.Get("yaml"), ",")

		switch {
		case options == "inline" && field.Type.Kind() == reflect.Struct:
			f.addFields(name, field.Type)
		case options == "inline":
			f.Types[name]["*"] = f.ref(field.Type.Elem())
		case key == "-" || !field.IsExported():
		default:
			if key == "" {
				key = strings.ToLower(field.Name)
			}

			prefix := ""
			if field.Tag.Get("merge") == "replace" {
				prefix = "="
			}

			f.Types[name][key] = prefix + f.ref(field.Type)
		}
	}
}

//nolint:gocyclo
func (f *fields) ref(t reflect.Type) string {
	if t.Kind() == reflect.Pointer {
		return "*" + f.ref(t.Elem())
	}

	if reflect.PointerTo(t).Implements(mergerType) {
		if t.Kind() == reflect.Slice {
			return "merge(" + t.Name() + ")[]" + f.ref(t.Elem())
		}

		return "merge(" + t.Name() + ")"
	}

	isText := reflect.PointerTo(t).Implements(textType)
	_, isYAML := reflect.PointerTo(t).MethodByName("UnmarshalYAML")

	switch t.Kind() { //nolint:exhaustive
	case reflect.Struct:
		if strings.HasPrefix(t.Name(), "PEMEncoded") || !isText && !isYAML {
			return "#" + f.add(t)
		}

		return "leaf(" + t.Name() + ")"
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return "bytes"
		}

		return "[]" + f.ref(t.Elem())
	case reflect.Map:
		return "map:" + f.ref(t.Elem())
	case reflect.Interface:
		return "any"
	case reflect.String:
		return "string"
	case reflect.Bool:
		return "bool"
	case reflect.Float32, reflect.Float64:
		return "float"
	}

	if t == durationType {
		return "duration"
	}

	if isYAML {
		return "leaf(" + t.Name() + ")"
	}

	if isText {
		return fmt.Sprintf("enum(%v)", reflect.Zero(t).Interface())
	}

	return "int"
}
