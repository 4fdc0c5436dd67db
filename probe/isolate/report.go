package isolate

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/divinedevops/probe/detect"
	"github.com/divinedevops/probe/probe"
)

// sentReport is a report with the types of what JSON carries without: Finding.Value and Evidence, and both sides of a
// drift. Its fields shadow the report's own of the same name.
type sentReport struct {
	*probe.Report
	Findings map[string]sentFinding `json:"findings"`
	Drift    []sentDrift            `json:"drift"`
}

type sentFinding struct {
	detect.Finding
	ValueType    string `json:"value_type"`
	EvidenceType string `json:"evidence_type"`
}

type sentDrift struct {
	detect.Drift
	DeclaredType string `json:"declared_type"`
	MeasuredType string `json:"measured_type"`
}

// gotReport is sentReport as it is read: what has a type of its own stays JSON until that is known.
type gotReport struct {
	*probe.Report
	Findings map[string]gotFinding `json:"findings"`
	Drift    []gotDrift            `json:"drift"`
}

type gotFinding struct {
	sentFinding
	Value    json.RawMessage `json:"value"`
	Evidence json.RawMessage `json:"evidence"`
}

type gotDrift struct {
	sentDrift
	Declared json.RawMessage `json:"declared"`
	Measured json.RawMessage `json:"measured"`
}

// encodeReport is r for the other process.
func encodeReport(r *probe.Report) ([]byte, error) {
	sent := sentReport{Report: r, Findings: make(map[string]sentFinding, len(r.Findings)), Drift: []sentDrift{}}
	for key, f := range r.Findings {
		sent.Findings[key] = sentFinding{f, detect.TypeName(f.Value), detect.TypeName(f.Evidence)}
	}
	for _, d := range r.Drift {
		sent.Drift = append(sent.Drift, sentDrift{d, detect.TypeName(d.Declared), detect.TypeName(d.Measured)})
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false) // what stays JSON must come out as it would have there
	if err := encoder.Encode(sent); err != nil {
		return nil, fmt.Errorf("the report cannot be written as JSON: %w", err)
	}
	return b.Bytes(), nil
}

// decodeReport is the report again, types and all.
func decodeReport(doc []byte) (*probe.Report, error) {
	var got gotReport
	if err := json.Unmarshal(doc, &got); err != nil {
		return nil, fmt.Errorf("expected a report as JSON: %w", err)
	}
	r := got.Report
	if r == nil || r.SchemaVersion != probe.SchemaVersion {
		return nil, errors.New("expected a report of this version of probe, found another document")
	}
	r.Findings = make(map[string]detect.Finding, len(got.Findings))
	for key, f := range got.Findings {
		out := f.Finding
		var err error
		if out.Value, err = detect.DecodeTyped(f.ValueType, f.Value); err != nil {
			return nil, fmt.Errorf("value of %s: %w", key, err)
		}
		if out.Evidence, err = detect.DecodeTyped(f.EvidenceType, f.Evidence); err != nil {
			return nil, fmt.Errorf("evidence of %s: %w", key, err)
		}
		r.Findings[key] = out
	}
	r.Drift = []detect.Drift{}
	for _, d := range got.Drift {
		out := d.Drift
		var err error
		if out.Declared, err = detect.DecodeTyped(d.DeclaredType, d.Declared); err != nil {
			return nil, fmt.Errorf("declared %s: %w", out.Key, err)
		}
		if out.Measured, err = detect.DecodeTyped(d.MeasuredType, d.Measured); err != nil {
			return nil, fmt.Errorf("measured %s: %w", out.Key, err)
		}
		r.Drift = append(r.Drift, out)
	}
	if r.DeclaredIn == nil {
		r.DeclaredIn = map[string]string{}
	}
	return r, nil
}
