package task

import (
	_ "embed"
)

// A test keeps schema.json equal to the structs and to the decoder.
//
//go:embed schema.json
var schema string

// Schema returns the JSON Schema (draft-07) of task files, for editors.
func Schema() []byte { return []byte(schema) }
