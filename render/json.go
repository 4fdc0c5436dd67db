package render

import (
	"fmt"

	"github.com/divinedevops/probe/internal/printable"
	"github.com/divinedevops/probe/probe"
)

// writeJSON is the report as one document in ASCII, which probe.Schema describes. It is the whole report: nothing is cut or
// reworded for a reader.
func writeJSON(r *probe.Report, _ Options) ([]byte, error) {
	doc, err := printable.JSON(r)
	if err != nil {
		return nil, fmt.Errorf("the report cannot be written as JSON: %w", err)
	}
	return doc, nil
}
