package probe

import _ "embed"

//go:embed schema.json
var schema []byte

// Schema is the JSON Schema (draft 2020-12) of a Report, as `probe schema` prints it. The slice is the caller's own.
func Schema() []byte { return append([]byte(nil), schema...) }
