package isolate

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
)

func TestFrames(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	for _, payload := range []string{"", "x", strings.Repeat("y", 100_000)} {
		if err := writeFrame(&b, frameStep, []byte(payload)); err != nil {
			t.Fatal(err)
		}
		f, err := readFrame(&b)
		if err != nil || f.kind != frameStep || string(f.payload) != payload {
			t.Errorf("%d bytes: %q, %d bytes, %v", len(payload), f.kind, len(f.payload), err)
		}
	}
	if _, err := readFrame(&b); !errors.Is(err, io.EOF) {
		t.Errorf("at the end: %v", err)
	}
	if err := writeFrame(io.Discard, frameStep, make([]byte, maxFrame+1)); err == nil {
		t.Error("a frame beyond the bound was sent")
	}
}

// FuzzReadFrame: whatever comes, a frame is what writeFrame makes, and nothing is allocated that was not sent.
func FuzzReadFrame(f *testing.F) {
	var good bytes.Buffer
	if err := writeFrame(&good, frameResult, []byte("{}")); err != nil {
		f.Fatal(err)
	}
	f.Add(good.Bytes())
	f.Add(good.Bytes()[:good.Len()-1])
	f.Add([]byte("PRB1r\xff\xff\xff\xff\x00\x00\x00\x00"))
	f.Add([]byte("PRB1r\x00\x7f\xff\xff\x00\x00\x00\x00"))
	f.Add([]byte("Segmentation fault\n"))
	f.Fuzz(func(t *testing.T, doc []byte) {
		got, err := readFrame(bytes.NewReader(doc))
		if err != nil {
			return
		}
		var again bytes.Buffer
		if err := writeFrame(&again, got.kind, got.payload); err != nil || !bytes.HasPrefix(doc, again.Bytes()) {
			t.Errorf("%q was read as %q %q, %v", doc, got.kind, got.payload, err)
		}
	})
}

// FuzzDecodeReport: a report that is none is an error, never a panic, and one that is can be sent on.
func FuzzDecodeReport(f *testing.F) {
	f.Add([]byte(`{"schema_version":1,"findings":{"a":{"value":1,"value_type":"int","evidence":{"min":1},` +
		`"evidence_type":"detect.NormEvidence"}},"drift":[{"key":"k","declared":[],"declared_type":"[]string"}]}`))
	f.Add([]byte(`{"schema_version":1,"findings":null}`))
	f.Add([]byte(`{"schema_version":1,"findings":{"a":{"value":"x","value_type":"int"}}}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, doc []byte) {
		r, err := decodeReport(doc)
		if err != nil {
			return
		}
		sent, err := encodeReport(r)
		if err != nil {
			t.Fatalf("what was read cannot be sent: %v", err)
		}
		if _, err := decodeReport(sent); err != nil {
			t.Errorf("what was sent cannot be read: %v\n%s", err, sent)
		}
	})
}

func TestOutput(t *testing.T) {
	t.Parallel()
	var shown []string
	o := &output{show: func(s string) { shown = append(shown, s) }}
	o.drain(strings.NewReader("one\r\n\n\x1b[2Jtwo\xff\n" + strings.Repeat("z", 5000) + "\nSIGSEGV: segmentation violation\ngoroutine 1:\nend"))
	if len(shown) != 6 || shown[1] != `\x1b[2Jtwo\xff` || len(shown[2]) != maxLine || shown[5] != "end" {
		t.Errorf("%q", shown)
	}
	if len(o.last) != 3 || len(o.end) != 1 {
		t.Errorf("kept %q, then %q", o.last, o.end)
	}
	flood := &output{show: func(string) {}}
	flood.drain(strings.NewReader(strings.Repeat("line\n", 10_000)))
	if flood.shown != maxLines || len(flood.last) != lastLines {
		t.Errorf("%d shown, %d kept", flood.shown, len(flood.last))
	}
}
