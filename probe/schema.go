package probe

import (
	"bytes"
	_ "embed" // for the schema
	"encoding/json"
	"strings"

	"github.com/divinedevops/probe/vocabulary"
)

// schemaTemplate is the schema with a word such as "@kinds" where a list belongs that another place knows.
//
//go:embed schema.json
var schemaTemplate string

// Schema is the JSON Schema (draft 2020-12) of a Report, as `probe schema` prints it. The slice is the caller's own.
func Schema() []byte {
	var columns bytes.Buffer
	var keys, columnKeys, declaredKeys []string
	for _, p := range properties() {
		keys = append(keys, p.key)
		if p.declared != nil {
			declaredKeys = append(declaredKeys, p.key)
		}
		if p.column.set == nil {
			continue
		}
		if len(columnKeys) > 0 {
			columns.WriteByte(',')
		}
		columnKeys = append(columnKeys, p.key)
		columns.WriteString(document(p.key) + ":" + document(p.column.schema))
	}
	filled := strings.NewReplacer(
		`"@columns"`, "{"+columns.String()+"}",
		`"@column_keys"`, document(columnKeys),
		`"@keys"`, document(keys),
		`"@declared_keys"`, document(declaredKeys),
		`"@reasons"`, document(vocabulary.Reasons()),
		`"@stages"`, document(vocabulary.Stages()),
		`"@kinds"`, document(vocabulary.ErrorKinds()),
		`"@device_types"`, document(orNull(vocabulary.DeviceTypes())),
		`"@backends"`, document(orNull(vocabulary.Backends())),
		`"@normalizations"`, document(orNull(vocabulary.Normalizations())),
	).Replace(schemaTemplate)
	var out bytes.Buffer
	if err := json.Indent(&out, []byte(filled), "", "  "); err != nil {
		return []byte(filled) // a fault of the template, which the tests compile
	}
	return out.Bytes()
}

// document is v as JSON. Only plain lists and maps come here, which always have one.
func document(v any) string {
	doc, _ := marshal(v)
	return string(doc)
}

// orNull adds null to the words of an enumeration.
func orNull(words []string) []any {
	var out []any
	for _, w := range words {
		out = append(out, w)
	}
	return append(out, nil)
}
