package tokenizer_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"testing"

	"github.com/divinedevops/probe/internal/testenv"
	"github.com/divinedevops/probe/models/tokenizer"
)

// driver is the Python library at the other end of a pipe: testdata/tokenizers/driver.py.
type driver struct {
	in  io.WriteCloser
	out *bufio.Reader
}

// drivers starts as many as there are processors; take one from the channel and give it back.
func drivers(t *testing.T) chan *driver {
	t.Helper()
	python := testenv.Python(t)
	n := runtime.GOMAXPROCS(0)
	pool := make(chan *driver, n)
	for range n {
		cmd := exec.Command(python, "-B", fixture("driver.py"))
		cmd.Env = append(os.Environ(), "TOKENIZERS_PARALLELISM=false", "RAYON_NUM_THREADS=1", "RUST_BACKTRACE=0")
		in, err := cmd.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			in.Close()
			if err := cmd.Wait(); err != nil {
				t.Errorf("driver.py: %v", err)
			}
		})
		pool <- &driver{in, bufio.NewReaderSize(out, 1<<20)}
	}
	return pool
}

// ask sends a request and reads the answer.
func (d *driver) ask(request, answer any) error {
	data, err := json.Marshal(request)
	if err != nil {
		return err
	}
	if _, err := d.in.Write(append(data, '\n')); err != nil {
		return fmt.Errorf("driver.py ended: %w", err)
	}
	line, err := d.out.ReadBytes('\n')
	if err != nil {
		return fmt.Errorf("driver.py ended: %w", err)
	}
	return json.Unmarshal(line, answer)
}

// query is a text, or a pair of texts.
type query struct {
	text string
	pair *string
}

func (q query) MarshalJSON() ([]byte, error) { return json.Marshal([]any{q.text, q.pair}) }

// load takes a file by {"load": path}, or a text by {"parse": text}. The library's refusal is an error.
func (d *driver) load(how, what string) error {
	var answer struct{ Error string }
	if err := d.ask(map[string]any{how: what}, &answer); err != nil {
		return err
	}
	if answer.Error != "" {
		return errors.New(answer.Error)
	}
	return nil
}

// manner is how a text is encoded: with or without special tokens, and truncated or not.
type manner struct {
	special             bool
	most                int // 0: not truncated
	strategy, direction string
}

func (m manner) options(q query) tokenizer.Options {
	o := whole(m.special)
	o.Pair, o.MaxLength, o.TruncationStrategy, o.TruncationSide = q.pair, m.most, m.strategy, m.direction
	return o
}

func (m manner) request(key string, value any) map[string]any {
	request := map[string]any{key: value, "special": m.special}
	if m.most > 0 {
		request["truncation"] = map[string]any{"max_length": m.most, "strategy": m.strategy, "direction": m.direction}
	}
	return request
}

func (d *driver) digests(queries []query, m manner) ([]string, error) {
	var answer struct{ Digests []string }
	if err := d.ask(m.request("texts", queries), &answer); err != nil {
		return nil, err
	}
	if len(answer.Digests) != len(queries) {
		return nil, fmt.Errorf("driver.py answered %d of %d texts", len(answer.Digests), len(queries))
	}
	return answer.Digests, nil
}

// show is the library's encoding in words.
func (d *driver) show(q query, m manner) string {
	var answer json.RawMessage
	if err := d.ask(m.request("show", q), &answer); err != nil {
		return err.Error()
	}
	return string(answer)
}
