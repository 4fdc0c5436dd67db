package main

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/divinedevops/probe/detect"
	"github.com/divinedevops/probe/internal/grammar"
	"github.com/divinedevops/probe/probe"
)

// The columns of the report for a person; together at most 80 wide.
const (
	width     = 80
	keyWidth  = 18
	cellWidth = 31
)

// painter adds colour, or nothing.
type painter struct{ on bool }

func (p painter) paint(code, s string) string {
	if !p.on || s == "" {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

func (p painter) bold(s string) string   { return p.paint("1", s) }
func (p painter) red(s string) string    { return p.paint("1;31", s) }
func (p painter) yellow(s string) string { return p.paint("1;33", s) }
func (p painter) faint(s string) string  { return p.paint("2", s) }

// row is one line of the comparison.
type row struct {
	key, measured, declared string
	drifted                 bool
}

// renderText is the report for a person. last is what it says of telemetry, "" for nothing.
func renderText(r *probe.Report, colour bool, last string) string {
	p := painter{colour}
	var b strings.Builder
	head := fitted(r.Name, width-2-utf8.RuneCountInString(modelLine(r)))
	fmt.Fprintf(&b, "%s%s\n", p.bold(head), right(modelLine(r), width-utf8.RuneCountInString(head)))
	engine, cost := engineLine(r), costLine(r)
	fmt.Fprintf(&b, "%s%s\n", engine, right(cost, width-utf8.RuneCountInString(engine)))
	if r.Error != nil {
		fmt.Fprintf(&b, "\n%s %s\n", p.red("FAILED"), fmt.Sprintf("%s: %s", r.Error.Stage, r.Error.Kind))
		b.WriteString(wrap(r.Error.Message, 2, width))
	}
	if rows := comparison(r); len(rows) > 0 {
		fmt.Fprintf(&b, "\n%s\n", p.faint(cells("", "measured", "declared")))
		for _, line := range rows {
			s := cells(line.key, line.measured, line.declared)
			if line.drifted {
				s = p.yellow(s)
			}
			b.WriteString(s + "\n")
		}
		writeDrift(&b, r, p)
	}
	if notes := notes(r); len(notes) > 0 {
		b.WriteString("\n")
		for _, n := range notes {
			b.WriteString(wrap(n, 0, width))
		}
	}
	if last != "" {
		fmt.Fprintf(&b, "\n%s\n", p.faint(last))
	}
	return b.String()
}

// modelLine is what the model is: "bert, 22.7 M parameters, float32".
func modelLine(r *probe.Report) string {
	var parts []string
	if t := r.Model.ModelType; t != nil {
		parts = append(parts, *t)
	}
	if n := r.Model.Parameters; n != nil {
		parts = append(parts, count(*n)+" parameters")
	}
	if d := r.Measured.DType; d != nil {
		parts = append(parts, *d)
	}
	return strings.Join(parts, ", ")
}

// engineLine is what ran it: "ONNX Runtime 1.31.1, CPU, 2 threads".
func engineLine(r *probe.Report) string {
	env := r.Environment
	if env.Backend == nil {
		return ""
	}
	name := map[string]string{"onnxruntime": "ONNX Runtime", "go": "pure Go"}[*env.Backend]
	if *env.Backend == "onnxruntime" && env.BackendVersion != nil {
		name += " " + *env.BackendVersion
	}
	parts := []string{name}
	if env.DeviceType != nil {
		parts = append(parts, strings.ToUpper(*env.DeviceType))
	}
	if env.Threads > 0 {
		parts = append(parts, grammar.Plural(env.Threads, "thread"))
	}
	return strings.Join(parts, ", ")
}

func costLine(r *probe.Report) string {
	s := fmt.Sprintf("%.2f s", r.Timings.Total)
	if n := r.Memory.PeakRSS; n != nil {
		s += fmt.Sprintf("%9s", fmt.Sprintf("%d MB", (*n+500_000)/1_000_000))
	}
	return s
}

// comparison lists the measured values beside the declared ones; a line that neither side knows is left out.
func comparison(r *probe.Report) []row {
	m, d := r.Measured, r.Declared
	rows := []row{
		{key: "dimension", measured: number(m.EmbeddingDimension), declared: number(d.EmbeddingDimension)},
		{key: "pooling", measured: text(m.Pooling), declared: text(d.Pooling)},
		{key: "normalization", measured: normalizationCell(r), declared: declaredNormalization(r)},
		{key: "distance", measured: distanceCell(r), declared: orElse(text(d.DistanceMetric), "none saved")},
		{key: "longest text", measured: tokens(m.MaxSequenceLength), declared: number(d.MaxSequenceLength)},
		{key: "modalities", measured: strings.Join(m.Modalities, ", "), declared: strings.Join(d.Modalities, ", ")},
		{key: "text to image", measured: agreementCell(r)},
		{key: "vocabulary", measured: number(m.VocabularySize), declared: number(d.VocabularySize)},
		{key: "batch invariance", measured: runCell(r, "batch_invariance", "alone against in a batch")},
		{key: "determinism", measured: runCell(r, "determinism", "run again")},
	}
	more := moreRows(r)
	rows = slices.Insert(rows, 4, more[1:]...)
	rows = append(more[:1:1], rows...)
	drifted := map[string]bool{}
	for _, x := range r.Drift {
		drifted[x.Key] = true
	}
	keys := map[string]string{
		"dimension": "embedding_dimension", "pooling": "pooling", "normalization": "normalization",
		"distance": "distance_metric", "longest text": "max_sequence_length", "modalities": "modalities",
		"vocabulary": "vocabulary_size",
	}
	var out []row
	for _, line := range rows {
		line.drifted = drifted[keys[line.key]]
		switch line.key {
		case "vocabulary":
			if !line.drifted {
				continue // of interest where it is wrong
			}
		case "batch invariance", "determinism", "known as", "accuracy", "smaller vectors":
			if line.measured == "" {
				continue
			}
		case "distance":
			if line.measured == "" && d.DistanceMetric == nil && r.Error != nil {
				continue
			}
		default:
			if line.measured == "" && line.declared == "" {
				continue
			}
		}
		if line.measured == "" {
			line.measured = "not measured"
		}
		out = append(out, line)
	}
	return out
}

func writeDrift(b *strings.Builder, r *probe.Report, p painter) {
	if r.Error != nil && len(r.Drift) == 0 {
		return
	}
	if len(r.Drift) == 0 {
		b.WriteString(cells("drift", "none", "") + "\n")
		return
	}
	for i, d := range r.Drift {
		key := ""
		if i == 0 {
			key = "drift"
		}
		line := fmt.Sprintf("%-*s%s: measured %v, declared %v", keyWidth, key, d.Key, plain(d.Measured), plain(d.Declared))
		if at := r.DeclaredIn[d.Key]; at != "" {
			line += " (" + at + ")"
		}
		b.WriteString(p.yellow(strings.TrimSuffix(wrapHanging(line, keyWidth, width), "\n")) + "\n")
	}
}

// normalizationCell is "l2     norms 1 +- 6e-8" or "none   norms 0.8 to 13.2".
func normalizationCell(r *probe.Report) string {
	v := text(r.Measured.Normalization)
	e, ok := r.Findings["normalization"].Evidence.(detect.NormEvidence)
	if v == "" || !ok {
		return v
	}
	if v == detect.NormalizationL2 {
		return fmt.Sprintf("%-6s norms 1 +- %s", v, small(e.MaxDeviation))
	}
	return fmt.Sprintf("%-6s norms %.3g to %.3g", v, e.Min, e.Max)
}

func declaredNormalization(r *probe.Report) string {
	if v := text(r.Declared.Normalization); v != detect.NormalizationL2 {
		return v
	}
	return "Normalize module"
}

func distanceCell(r *probe.Report) string {
	v := text(r.Measured.DistanceMetric)
	if e, ok := r.Findings["distance_metric"].Evidence.(detect.Equivalent); ok && v != "" {
		if same := e.EquivalentValues(); len(same) > 1 {
			return strings.Join(same, " = ")
		}
	}
	if v == "" && strings.HasPrefix(r.Findings["distance_metric"].Reason, "undetermined") {
		return "undetermined"
	}
	return v
}

// agreementCell is how many captions found their picture, and how many pictures their caption; "" where none looked.
func agreementCell(r *probe.Report) string {
	f := r.Findings["text_image_agreement"]
	e, ok := f.Evidence.(detect.TextImageEvidence)
	if !ok || e.Texts == nil || e.Images == nil {
		return ""
	}
	verdict := "undetermined"
	if f.Value != nil {
		verdict = fmt.Sprint(f.Value)
	}
	return fmt.Sprintf("%-6s %.3g and %.3g of %d found", verdict, e.Texts.Right, e.Images.Right, e.Texts.Of)
}

// runCell is how far two runs of the same texts differ.
func runCell(r *probe.Report, key, what string) string {
	f := r.Findings[key]
	e, ok := f.Evidence.(detect.CompareEvidence)
	switch {
	case !ok || f.Value == nil:
		return ""
	case f.Value == detect.SameBits:
		return "bit-equal " + what
	case f.Value == detect.Differs:
		return small(e.MaxAbs) + " DIFFERS, " + what
	}
	return small(e.MaxAbs) + " " + what
}

// notes are what a reader should know beside the table: warnings, and why a value is missing.
func notes(r *probe.Report) []string {
	var out []string
	for _, w := range r.Warnings {
		out = append(out, "note: "+w)
	}
	if r.Error != nil {
		return out
	}
	if f := r.Findings["prompts_needed"]; f.Value != nil {
		out = append(out, "note: "+f.Reason)
	}
	names := []string{"embedding_dimension", "normalization", "pooling", "distance_metric", "max_sequence_length", "modalities"}
	for _, key := range names {
		if f := r.Findings[key]; (f.Value == nil || f.Value == detect.PoolingUnknown) && f.Reason != "" {
			out = append(out, fmt.Sprintf("%s is not known: %s", key, f.Reason))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// small prints a deviation with one digit: 6e-8, 0.2.
func small(x float64) string {
	if x == 0 {
		return "0"
	}
	if x >= 0.01 {
		return fmt.Sprintf("%.2g", x)
	}
	exp := math.Floor(math.Log10(x))
	digits := strings.TrimSuffix(fmt.Sprintf("%.1f", x/math.Pow(10, exp)), ".0")
	return fmt.Sprintf("%se%d", digits, int(exp))
}

// count prints a large number shortly: 22.7 M.
func count(n int64) string {
	for _, unit := range []struct {
		size float64
		name string
	}{{1e9, "B"}, {1e6, "M"}, {1e3, "k"}} {
		if float64(n) >= unit.size {
			return fmt.Sprintf("%.1f %s", float64(n)/unit.size, unit.name)
		}
	}
	return fmt.Sprint(n)
}
